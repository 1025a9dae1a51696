"""Errors by groups of pictures."""
