"""Encode results that Pillow cannot encode, or not as well."""
