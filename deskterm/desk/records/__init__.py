"""The records of a desk: what a ticket, a change, a customer is, as plain frozen values."""
