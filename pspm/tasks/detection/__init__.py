"""Object detection: SAPA table 3."""
