"""Names that a person may have mistyped."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

LONGEST = 60  # characters of a word that are compared
LEAST = 0.7  # of `difflib`: less alike is another word


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about a word that is none of the known names: which it may mean, else which are.

    >>> nearest("last changes", ["first right", "last change"]), nearest("right first", ["right IDs", "first right"])
    ('did you mean “last change”?', 'did you mean “first right”?')
    >>> nearest("Play", ["play", "clock"]), nearest("speed", ["play", "clock"])
    ('did you mean “play”, in small letters?', 'there are play, clock.')
    """
    word, names = word[:LONGEST], list(known)
    if word not in names and word.lower() in names:
        return f"did you mean “{word.lower()}”, in small letters?"
    near = max(names, key=lambda name: alike(word, name), default="")
    return f"did you mean “{near}”?" if near and alike(word, near) >= LEAST else f"there are {', '.join(names)}."


def alike(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1, whatever the order of their words."""
    pairs = ((text.lower(), " ".join(sorted(text.lower().split()))) for text in (one, other))
    return max(SequenceMatcher(None, mine, theirs).ratio() for mine, theirs in zip(*pairs, strict=True))
