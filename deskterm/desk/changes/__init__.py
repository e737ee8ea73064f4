"""Change control: the form, its states and guards, its window."""
