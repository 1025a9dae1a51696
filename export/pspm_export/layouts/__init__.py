"""Folders in the form that other programs load: the files of a bundle, and what they ask beside them."""
