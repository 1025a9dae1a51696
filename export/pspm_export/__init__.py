"""Trained networks to files that run without torch, and the proof that they compute the same matte."""
