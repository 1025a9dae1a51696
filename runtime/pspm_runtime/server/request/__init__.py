"""From an HTTP request to what is to be done with its photo."""
