"""What moves between the frames of a video, and where it cuts."""
