"""The rules that attention between two words may follow."""

from __future__ import annotations

import numpy as np

from looped.tasks.protocol import Rules

RULE_WORDS = {  # rule of attention → what its positions are called
    "own word": "the letters of its own word",
    "other word": "the letters of the other word",
    "same letter": "equal letters",
    "same place": "the letter at the same place in the other word",
    "marks": "the marks | and =",
    "self": "the {place} itself",
    "padding": "padding",
}


def attention_rules(first: str, second: str, length: int) -> Rules:
    """Return the rules of two words in two halves of a sequence of `length` positions, for `looped.lenses.rules`.

    Behind each word stands a mark, then padding. own word, other word: the other letters of it; same letter: the other
    equal letters, of both words; same place: the letter at the same place in the other word; marks: the two marks;
    self; padding. Together own word, other word, marks, self and padding are everything.

    >>> {name: int(rule[0].sum()) for name, rule in attention_rules("cat", "at", 12).items()}
    {'own word': 2, 'other word': 2, 'same letter': 0, 'same place': 1, 'marks': 2, 'self': 1, 'padding': 5}
    """
    half, own = length // 2, np.eye(length, dtype=bool)
    signs = np.array([*first.ljust(half, "\0"), *second.ljust(half, "\0")])
    word, place = np.divmod(np.arange(length), half)
    letter, size = signs != "\0", np.array([len(first), len(second)])[word]
    mark = place == size
    same_word = word[:, None] == word
    return {
        "own word": same_word & letter & ~own,
        "other word": ~same_word & letter,
        "same letter": (signs[:, None] == signs) & letter & ~own,
        "same place": ~same_word & (place[:, None] == place) & letter,
        "marks": np.broadcast_to(mark, own.shape) & ~own,
        "self": own,
        "padding": np.broadcast_to(place > size, own.shape) & ~own,
    }
