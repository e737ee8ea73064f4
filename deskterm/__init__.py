"""deskterm: a terminal user interface for service desks."""

__version__ = "0.1.0"
