"""Links from the pages to source files: they work in the repository, and become plain text on the site."""

import re
from pathlib import Path
from typing import Any

LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Take the link off a text where it leads to an existing file outside docs/; MkDocs checks all other links."""
    folder = Path(page.file.abs_src_path).parent
    docs = Path(__file__).resolve().parents[1]

    def plain(match: re.Match[str]) -> str:
        target = (folder / match[2]).resolve()
        outside = "://" not in match[2] and target.exists() and docs not in [target, *target.parents]
        return match[1] if outside else match[0]

    return LINK.sub(plain, markdown)
