"""Trimap-based networks (thesis ch. 3 to 5)."""
