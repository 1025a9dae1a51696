"""Callbacks during training: checkpoint, run log and preview images."""
