"""Video files: their streams, colours and times, read and written."""
