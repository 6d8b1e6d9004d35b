"""What a flow can say: open and close a case, do a step once, ask a person, notify, book stock, settle money."""
