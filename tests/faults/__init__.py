"""Faults made on purpose, in the real app on a real pseudo-terminal: kills, signals, full disks, power cuts."""
