"""Start a network from weights, and average weights."""
