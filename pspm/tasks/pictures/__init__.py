"""Pictures that several tasks use: their augmentation, and scenes of people."""
