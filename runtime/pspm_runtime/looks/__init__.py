"""Looks: the parts of a photo that the network sees, from the whole photo to the surroundings of a small person."""
