"""The operators in networks for other tasks: denoising, segmentation, depth estimation, detection."""
