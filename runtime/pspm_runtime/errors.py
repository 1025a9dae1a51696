"""Errors that a user can fix. Every message names the input and the remedy."""


class PspmError(Exception):
    """Base of all errors that a user can fix."""


class PhotoError(PspmError):
    """A photo that cannot be read."""


class ModelError(PspmError):
    """A model that is unknown, damaged or not supported."""


class NoPersonError(PspmError):
    """A photo without a person, where one was required."""


class OutputError(PspmError):
    """A result that cannot be written."""
