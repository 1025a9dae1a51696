"""Data for training and validation: read folders, draw samples, make mattes from masks."""
