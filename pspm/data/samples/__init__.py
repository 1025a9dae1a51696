"""Draw training samples from images, and augment them."""
