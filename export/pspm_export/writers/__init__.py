"""Write, open and inspect files: one writer for each format."""
