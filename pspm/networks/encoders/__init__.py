"""Encoders (backbones)."""
