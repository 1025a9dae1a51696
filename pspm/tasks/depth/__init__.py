"""Monocular depth estimation: thesis sec. 3.6.4, SAPA table 4."""
