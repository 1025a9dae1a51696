"""Draw and augment training samples."""
