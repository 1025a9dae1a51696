"""PSPM inside other programs, in the form that each of them expects."""
