"""The code blocks of the documentation, and the files that they expect."""

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from pspm_runtime.files.sample import sample_photo

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^( *)```(?: \{ \.)?(\w+)([^\n]*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_SKIP = re.compile(r'test="skip: ([^"]+)"')
_SNIPPET = re.compile(r'^--8<-- "([^":]+):(\w+)"$', re.MULTILINE)


class Block(NamedTuple):
    """A fenced block. skip: why a test cannot run it, from `test="skip: reason"` behind the language; or None."""

    language: str
    skip: str | None
    code: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order, with snippets of other files in their place."""
    found = []
    for indent, language, rest, code in _FENCE.findall(page.read_text()):
        skip = _SKIP.search(rest)
        plain = "\n".join(line.removeprefix(indent) for line in code.splitlines())
        found.append(Block(language, skip[1] if skip else None, _SNIPPET.sub(_snippet, plain)))
    return found


def _snippet(match: re.Match[str]) -> str:
    text = (ROOT / match[1]).read_text()
    return text.partition(f"[start:{match[2]}]\n")[2].partition(f"# --8<-- [end:{match[2]}]")[0]


def prepare(folder: Path, data: Path) -> None:
    """photo.jpg with mask.png and trimap.png, beach.jpg, talk.mp4, photos/ and the data folder DATA, for the pages."""
    (folder / "DATA").symlink_to(data)
    shutil.copyfile(sample_photo(), folder / "photo.jpg")
    with Image.open(sample_photo()) as photo:
        for name, unknown in (("mask.png", 0), ("trimap.png", 128)):
            drawn = Image.new("L", photo.size)
            ImageDraw.Draw(drawn).ellipse([90, 20, 420, photo.height], fill=unknown)
            ImageDraw.Draw(drawn).ellipse([150, 60, 360, photo.height], fill=255)
            drawn.save(folder / name)
    shutil.copyfile(ROOT / "examples" / "hubble.jpg", folder / "beach.jpg")
    _write_clip(folder / "talk.mp4")
    (folder / "photos").mkdir()
    shutil.copyfile(sample_photo(), folder / "photos" / "one.jpg")


def _write_clip(path: Path) -> None:
    """Two seconds of the sample photo; nothing without PyAV."""
    try:
        import av
    except ImportError:
        return
    with Image.open(sample_photo()) as photo:
        pixels = np.asarray(photo.convert("RGB").resize((128, 128)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=2)
        stream.width = stream.height = 128
        for _ in range(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode(None))
