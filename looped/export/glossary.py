"""The glossary: entries of a document that the browser's texts lead to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from looped.places import resource

FILE = resource("assets/docs/glossary.md")
MOST_WORDS = 60
ALSO = "also: "


class Entry(NamedTuple):
    """A word and what it means."""

    word: str
    forms: tuple[str, ...]  # other spellings, and words that lead here, too
    text: str


def entries(file: Path = FILE) -> list[Entry]:
    """Read the entries of the glossary. Raises ValueError with one sentence for one that cannot be shown.

    >>> [entry.word for entry in entries()][:2]
    ['Argmax stability', 'At rest']
    """
    found = []
    for part in re.split(r"^## ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        word, *paragraphs = (" ".join(lines.split()) for lines in part.strip().split("\n\n"))
        also = paragraphs.pop(0).removeprefix(ALSO) if paragraphs and paragraphs[0].startswith(ALSO) else ""
        if len(paragraphs) != 1 or len(paragraphs[0].split()) > MOST_WORDS:
            raise ValueError(f"{file.name}: {word!r} must have one paragraph of at most {MOST_WORDS} words.")
        found.append(Entry(word, tuple(filter(None, also.split(", "))), paragraphs[0]))
    return found
