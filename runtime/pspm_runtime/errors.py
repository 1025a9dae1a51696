"""What goes wrong because of what a user gave us. Every message names the input and the remedy."""


class PspmError(Exception):
    """Base of all errors that a user can mend."""


class PhotoError(PspmError):
    """A photo that cannot be read."""


class ModelError(PspmError):
    """A model that is unknown, damaged or foreign."""


class NoPersonError(PspmError):
    """A person was required and none was found."""


class OutputError(PspmError):
    """A result that cannot be written where it was asked to go."""
