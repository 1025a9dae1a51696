"""Train networks by recipes, resume runs, and average the weights of runs."""
