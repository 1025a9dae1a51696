"""Plan a run: which photos, in which order, and the name of each result."""
