"""An evaluation as text, JSON and HTML."""
