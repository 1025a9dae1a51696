"""What the RGB values of a picture mean: profiles, tags, and conversions."""
