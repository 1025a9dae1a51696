"""Errors that a user can fix. Every message names the input and the remedy."""

_LONGEST = 1000


class PspmError(Exception):
    """Base of all errors that a user can fix.

    The message is one line, whatever is in the name that it shows: control characters are escaped, and the middle of a
    very long text is left out.
    """

    def __str__(self) -> str:
        text = super().__str__()
        if len(text) > _LONGEST:
            text = f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"
        return one_line(text)


class PhotoError(PspmError):
    """A photo that cannot be read."""


class TooLargeError(PhotoError):
    """A photo with more pixels or bytes than the limit."""


class VideoError(PspmError):
    """A video that cannot be read, or not to its end."""


class ModelError(PspmError):
    """A model that is unknown, damaged or not supported."""


class NoPersonError(PspmError):
    """A photo without a person, where one was required."""


class OutputError(PspmError):
    """A result that cannot be written."""


def one_line(text: str) -> str:
    """Write control characters and the like as escapes, so that no file name can move the cursor or forge a line."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
