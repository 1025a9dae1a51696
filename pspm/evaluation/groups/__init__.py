"""Errors by group of pictures."""
