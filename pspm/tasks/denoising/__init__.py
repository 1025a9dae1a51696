"""Denoising of Gaussian noise: thesis sec. 3.6.2."""
