"""Apply an effect to one photo, to folders or to a pipe."""
