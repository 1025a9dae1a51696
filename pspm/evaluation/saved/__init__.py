"""Pictures saved for other tools, and the mattes that other tools saved of them."""
