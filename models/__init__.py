"""What is true: tables, forms and rules. No Prefect, no mail, no web, no process of its own."""
