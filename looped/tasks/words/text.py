"""Read two words from text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from looped.tasks.wording import named_sign
from looped.tasks.words.tokens import LETTERS

LONGEST_TEXT = 2000
EXAMPLES = (
    "kitten sitting",
    "flour flower",
    "banana bandana",
    "abcbdab bdcaba",
    "saturday sunday",
    "intention execution",
    "stone tone",
    "cat dog",
)
_BETWEEN = re.compile(r"->|=>|[\s,;|/+→]+")


@dataclass(frozen=True)
class Words:
    """Two words that a model can read."""

    first: str
    second: str
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """How they are written."""
        return f"{self.first} {self.second}"


def parse(text: str, task: str, size: int, longest: int) -> Words:
    """Read two words of the letters a to z (capitals count as small), with anything like "," or "->" between them.

    `task` is its name, `size` the longest words of training, `longest` the longest that can be read. Raises ValueError.
    A word longer than those of training gives a warning on the Words.
    """
    words = _words(text, longest)
    for number, word in enumerate(words, start=1):
        if len(word) > longest:
            raise ValueError(f"Word {number} has {len(word)} letters; {task} reads at most {longest}.")
    beyond = max(map(len, words))
    warning = f"{beyond} letters are more than the {size} that models of {task} are trained on."
    return Words(words[0].lower(), words[1].lower(), (warning,) if beyond > size else ())


def _words(text: str, longest: int) -> list[str]:
    """Return the two words of a text, checked but for their lengths."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"The text has {len(text)} characters; type two words of at most {longest} letters.")
    words = [word.strip("'\"`“”‘’") for word in _BETWEEN.split(text.strip("\ufeff \t\r\n"))]
    words = [word for word in words if word]
    for number, word in enumerate(words, start=1):
        for sign in word:
            if sign.lower() not in LETTERS:
                raise ValueError(f"Word {number} holds {named_sign(sign)}; use the letters a to z.")
    if len(words) != 2:
        raise ValueError(f"{_counted(words)}; type two, such as 'kitten sitting'.")
    return words


def _counted(words: list[str]) -> str:
    """Return how many words there are, in words."""
    if not words:
        return "There are no words yet"
    return f"There is one word, '{words[0][:40]}'" if len(words) == 1 else f"There are {len(words)} words"
