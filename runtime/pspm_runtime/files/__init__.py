"""Read photos, write results."""
