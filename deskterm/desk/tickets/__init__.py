"""A ticket's rules: who may do what, and what follows."""
