"""Segments: a long video is worked on in parts of some seconds, so that a run can continue, or have many processes."""
