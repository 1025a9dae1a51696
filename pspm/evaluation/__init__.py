"""How far mattes are from the truth."""
