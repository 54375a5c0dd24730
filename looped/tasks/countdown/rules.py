"""The rules that attention in a Countdown problem may follow."""

from __future__ import annotations

import numpy as np

from looped.tasks.protocol import Rules

RULE_WORDS = {  # rule of attention → what its positions are called
    "numbers": "the numbers and the target",
    "own equation": "the rest of the own equation",
    "other equations": "the other equations",
    "self": "the {place} itself",
}


def attention_rules(count: int, length: int) -> Rules:
    """Return the rules of a problem of `count` numbers, for `looped.lenses.rules`.

    The numbers and the target, the rest of the own equation, the other equations, itself.

    >>> {name: int(rule[4].sum()) for name, rule in attention_rules(3, 14).items()}
    {'numbers': 4, 'own equation': 4, 'other equations': 5, 'self': 1}
    """
    own = np.eye(length, dtype=bool)
    step = np.where(np.arange(length) > count, (np.arange(length) - count - 1) // 5, -1)
    numbers = np.broadcast_to(step < 0, own.shape)
    same = step[:, None] == step
    return {
        "numbers": numbers & ~own,
        "own equation": same & ~numbers & ~own,
        "other equations": ~same & ~numbers,
        "self": own,
    }
