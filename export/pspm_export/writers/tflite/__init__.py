"""Write TFLite files."""
