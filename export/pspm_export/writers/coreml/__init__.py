"""Write Core ML packages."""
