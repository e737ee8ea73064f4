"""Escalation and what falls due: ladders, moments, and what is done when nobody moves."""
