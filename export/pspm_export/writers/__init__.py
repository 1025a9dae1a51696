"""Write a network to a file: one writer for each format."""
