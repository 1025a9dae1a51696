"""Semantic segmentation: thesis sec. 3.6.3, SAPA table 2."""
