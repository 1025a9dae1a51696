"""Measure `pspm serve` under many callers: `make scale-test`, or python -m tests.scale --help."""
