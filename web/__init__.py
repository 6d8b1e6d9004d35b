"""The one address where people decide: our pages, and behind the same session Prefect's UI and API."""
