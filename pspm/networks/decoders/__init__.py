"""SegDecoders predict the trimap, MatDecoders the alpha (thesis ch. 6)."""
