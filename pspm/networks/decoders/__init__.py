"""SegDecoders and MatDecoders (thesis chapter 6)."""
