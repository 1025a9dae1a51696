"""Carry date, camera, author, description and resolution of a photo over to its result, and nothing else."""
