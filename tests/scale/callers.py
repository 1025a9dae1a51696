"""Callers of a service: many at once, and hostile ones."""

import asyncio
import random
import struct
import time
import zlib
from dataclasses import dataclass, field

PATH = "/cutout"


@dataclass
class Answers:
    """What callers got. photos: seconds for each result. refused: seconds for each 503. other: further statuses."""

    photos: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    other: list[int] = field(default_factory=list)


def request(body: bytes, path: str = PATH) -> bytes:
    """A POST as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def call(
    port: int, count: int, photo: bytes, *, seconds: float = 0, photos: int = 0, path: str = PATH
) -> Answers:
    """Let `count` callers send a photo again and again, for some time or until so many results are there.

    They begin within a second. A caller who is refused waits as long as the service says, and up to half as long again.
    """
    answers, end = Answers(), time.monotonic() + seconds

    def goes_on() -> bool:
        return time.monotonic() < end if seconds else len(answers.photos) < photos

    async def caller(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - not for secrets
        await asyncio.sleep(seed / count)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while goes_on():
            started = time.monotonic()
            writer.write(request(photo, path))
            status, headers = await answer(reader)
            taken = time.monotonic() - started
            if status == 200:
                answers.photos.append(taken)
            elif status == 503:
                answers.refused.append(taken)
                await asyncio.sleep(float(headers["retry-after"]) * chance.uniform(1, 1.5))
            else:
                answers.other.append(status)
            if status == 503 or headers.get("connection") == "close":  # one that waits longer is ended
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    await asyncio.gather(*(caller(seed) for seed in range(count)))
    return answers


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Read an answer: its status and headers, by their names in small letters."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
    await reader.readexactly(int(headers["content-length"]))
    return int(first.split()[1]), headers


async def attack(port: int, photo: bytes) -> dict[str, str]:
    """Call in every hostile way while an honest photo is sent after each; the status of each honest one, by the way."""
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
    for _, writer in slow:
        writer.write(b"POST /cutout HTTP/1.1\r\nHost: a\r\n")
    told = {"200 callers who send half a head": await _honest(port, photo)}
    for name, body in (
        ("100 MB", bytes(100_000_000)),
        ("a PNG of a gigapixel", gigapixel()),
        ("a photo that is cut short", photo[: len(photo) // 2]),
        ("no photo", b"nothing"),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(body))
        status, _ = await answer(reader)
        writer.close()
        told[f"{name} ({status})"] = await _honest(port, photo)
    for _ in range(100):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(photo)[:-10])
        await writer.drain()
        writer.close()
    told["100 uploads that break off"] = await _honest(port, photo)
    for _, writer in slow:
        writer.close()
    return told


async def _honest(port: int, photo: bytes) -> str:
    answers = await call(port, 1, photo, photos=1)
    return "answered" if len(answers.photos) == 1 and not answers.other else f"{answers.other}"


def gigapixel() -> bytes:
    """A PNG of 32,000 x 32,000 pixels in a small file."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 32_000, 32_000, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(10_000_000), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
