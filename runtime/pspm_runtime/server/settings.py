"""What the operator of the service may choose."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pspm_runtime.arguments import shown
from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.engines.devices import Device
from pspm_runtime.errors import PspmError

TOKEN_VARIABLE = "PSPM_TOKEN"  # noqa: S105 - the name of a variable
MAX_WORKERS = 64


@dataclass(frozen=True)
class Settings:
    """The address of the service and its limits. Raises PspmError for a value out of its range.

    workers: photos in work at once. queue: how many more may wait. seconds: for sending a photo, and for its result.
    max_megabytes: of a request. origins: of the web pages that may call. token: what callers must send, None for none.
    device: what runs the network.
    """

    host: str = "127.0.0.1"
    port: int = 7000
    model: str = DEFAULT_MODEL
    threads: int | None = None
    workers: int = 1
    queue: int = 4
    max_megabytes: float = 25
    max_megapixels: float = 50
    seconds: float = 60
    origins: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    device: Device = "auto"

    def __post_init__(self) -> None:
        """Check the ranges."""
        _check(0 <= self.port <= 65535, "--port", self.port, "from 0 to 65535; 0 takes a free one")
        _check(1 <= self.workers <= MAX_WORKERS, "--workers", self.workers, f"from 1 to {MAX_WORKERS}")
        _check(0 <= self.queue <= 10_000, "--queue", self.queue, "from 0 to 10000")
        _check(0 < self.max_megabytes <= 2000, "--max-megabytes", self.max_megabytes, "above 0 and at most 2000")
        _check(0 < self.max_megapixels <= 1000, "--max-megapixels", self.max_megapixels, "above 0 and at most 1000")
        _check(1 <= self.seconds <= 3600, "--seconds", self.seconds, "from 1 to 3600")
        for origin in self.origins:
            parts = urlsplit(origin)
            if origin != "*" and (
                parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != origin
            ):
                raise PspmError(f"--allow-origin must be an origin such as https://example.org, not {shown(origin)}")

    @property
    def max_bytes(self) -> int:
        """The most bytes of a request."""
        return int(self.max_megabytes * 1e6)


def token_of_environment() -> str | None:
    """What callers must send, from the environment; None if it is not set. Raises PspmError if it is empty."""
    token = os.environ.get(TOKEN_VARIABLE)
    if token is not None and (not token.isascii() or not token.isprintable() or not token.strip()):
        raise PspmError(f"{TOKEN_VARIABLE} is empty or not printable ASCII; give it a value, or do not set it")
    return token


def _check(fits: bool, name: str, value: object, what: str) -> None:
    if not fits:
        raise PspmError(f"{name} must be {what}, not {shown(value)}")
