"""Networks that take a trimap (thesis chapters 3 to 5)."""
