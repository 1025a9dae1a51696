"""Open picture files: which decoders, what they may cost, and how they stay quiet."""
