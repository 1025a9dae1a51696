"""The stages of a photo, before and after the network. They know no engine."""
