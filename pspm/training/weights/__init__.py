"""Initial weights, and operations on trained ones."""
