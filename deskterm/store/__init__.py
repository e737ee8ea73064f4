"""Where a desk is kept: one protocol, several places."""
