"""Speed, memory and size, measured on this machine."""
