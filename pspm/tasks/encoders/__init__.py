"""The networks' encoders: where they are, and ImageNet weights to start them from."""
