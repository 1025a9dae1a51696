"""The `pspm` command line."""
