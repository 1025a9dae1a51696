"""The webcam: what a camera sees, with another background, in a window and as a camera of its own."""
