"""Addresses of object stores, such as s3://bucket/photos."""

import re
from dataclasses import dataclass

from pspm_runtime.errors import PspmError

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
SCHEMES = ("s3", "gs", "gcs", "abfs", "abfss", "hdfs", "viewfs")


def is_address(text: str) -> bool:
    """Whether a text is an address and not a path."""
    return bool(_ADDRESS.match(text))


@dataclass(frozen=True)
class Address:
    """An address in its parts: s3://bucket/photos?region=eu-west-1.

    host: the bucket, or what else the scheme has there. key: the path in it, without a / at its ends.
    options: what follows the question mark.
    """

    scheme: str
    host: str
    key: str
    options: str = ""

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read what a user gave. Raises PspmError for a scheme that is not known, and without a bucket."""
        match = _ADDRESS.match(text)
        if not match or match[1].lower() not in SCHEMES:
            raise PspmError(
                f"{text} is of no store that is known here; give a path, or an address that begins with "
                f"{', '.join(f'{scheme}://' for scheme in SCHEMES)}"
            )
        place, _, options = match[2].partition("?")
        host, _, key = place.partition("/")
        if not host and match[1].lower() not in ("hdfs", "viewfs"):
            raise PspmError(f"{text} names no bucket; give an address such as s3://bucket/photos")
        return cls(match[1].lower(), host, key.strip("/"), options)

    def at(self, key: str) -> "Address":
        """Another key of the same bucket."""
        return Address(self.scheme, self.host, key, self.options)

    @property
    def root(self) -> str:
        """What opens the store of the bucket."""
        return f"{self.scheme}://{self.host}{f'?{self.options}' if self.options else ''}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{f'/{self.key}' if self.key else ''}"

    def holds(self, other: "Address") -> bool:
        """Whether another address is this one or inside it."""
        if (self.scheme, self.host) != (other.scheme, other.host):
            return False
        return not self.key or other.key == self.key or other.key.startswith(f"{self.key}/")


def split(text: str) -> Address:
    """An address of a list, in which ? and # are part of the key. Raises PspmError as `Address.parse` does."""
    head = Address.parse(text.partition("?")[0])
    return head.at(text.partition("://")[2].partition("/")[2])
