"""The HTTP face of a store: `deskterm serve`. Nothing else loads it."""
