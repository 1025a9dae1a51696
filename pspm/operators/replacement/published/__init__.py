"""The published networks of the families, in full size, and what operators add to them."""
