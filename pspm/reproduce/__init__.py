"""Train and measure the rows of a table of the thesis under one budget, and print them beside its figures."""
