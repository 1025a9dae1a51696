"""The stages of a photo, between the file and the network and back. None knows an engine."""
