"""Mattes that are steady in time: motion, cuts, a filter along the motion, and frames between."""
