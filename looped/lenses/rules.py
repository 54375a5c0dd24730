"""Does attention follow the rules of the task, such as a Sudoku's rows, columns, boxes and equal digits?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import EITHER_ATTENTION, Needs

NEEDS = Needs(any_of=EITHER_ATTENTION)

Rules = dict[str, np.ndarray]


class Shares(NamedTuple):
    """Shares of attention, from 0 to 1. Rules may overlap: a cell of the same row may lie in the same box."""

    names: tuple[str, ...]  # of the rules, in the order of the first axis
    mass: np.ndarray  # (rules, loops, layers, heads) of the attention of the chosen positions, their mean
    even: np.ndarray  # (rules, loops) what it would be if they attended to every position alike: the baseline


def rule_shares(
    attention: np.ndarray,
    rules: Rules,
    chosen: np.ndarray | None = None,
    visible: np.ndarray | None = None,
    neighbours: np.ndarray | None = None,
) -> Shares:
    """Measure how much of the attention (loops, layers, heads, positions, positions) follows each rule.

    A rule is a matrix of bool in which entry [i, j] says that j follows the rule for i: (positions, positions), or
    (loops, positions, positions) where it depends on the loop. `chosen` are the positions that are averaged over, a
    mask or indices (all when not given); `visible` (positions, positions) bool says what can be attended to at all, for
    the baseline of a causal model. Attention to neighbours, (…, positions, K), also needs the table `neighbours`
    (positions, K), -1 for none. Attention rows sum to one, so a rule and its opposite add up to one. Raises ValueError
    for shapes that do not fit and when no position is chosen.

    >>> even = np.full((1, 1, 1, 4, 4), 0.25)
    >>> shares = rule_shares(even, {"self": np.eye(4, dtype=bool)})
    >>> shares.mass.item(), shares.even.item()
    (0.25, 0.25)
    """
    columns = attention.shape[-2] if neighbours is None else neighbours.shape[-1]
    if attention.ndim != 5 or attention.shape[-1] != columns:
        raise ValueError(f"attention must be (loops, layers, heads, positions, positions), not {attention.shape}.")
    loops, layers, heads, n, _ = attention.shape
    rows = np.arange(n)[slice(None) if chosen is None else chosen]
    if not len(rows):
        raise ValueError("no position is chosen; at least one is needed for a mean.")
    seen = np.ones((n, n), bool) if visible is None else visible
    if seen.shape != (n, n):
        raise ValueError(f"visible must be {(n, n)}, not {seen.shape}.")
    for name, rule in rules.items():
        if rule.dtype != bool or rule.shape not in ((n, n), (loops, n, n)):
            raise ValueError(
                f"rule {name!r} must be bool of shape {(n, n)} or {(loops, n, n)}, not {rule.dtype} of {rule.shape}."
            )

    def at(matrix: np.ndarray) -> np.ndarray:
        """Return the entries of a rule (positions, positions) for each weight of the chosen rows."""
        if neighbours is None:
            return matrix[rows]
        table = neighbours[rows]
        there: np.ndarray = matrix[rows[:, None], table.clip(0)] & (table >= 0)
        return there

    reach = at(seen) / at(seen).sum(-1, keepdims=True)  # even attention
    mass, even = np.zeros((len(rules), loops, layers, heads)), np.zeros((len(rules), loops))
    kept = np.zeros((len(rules), len(rows) * columns), attention.dtype)
    own = {number: rule for number, rule in enumerate(rules.values()) if rule.ndim == 3}  # of each loop another one
    for number, rule in enumerate(rules.values()):
        if number not in own:
            kept[number] = at(rule).ravel()
    for t in range(loops):  # in one product for each loop: attention of all loops at once would be copied
        weights = attention[t][:, :, rows].reshape(layers * heads, -1)
        for number, rule in own.items():
            kept[number] = at(rule[t]).ravel()
        mass[:, t] = (kept @ weights.T).reshape(-1, layers, heads) / len(rows)
        even[:, t] = kept @ reach.ravel() / len(rows)
    return Shares(tuple(rules), mass, even)


def most_lift(shares: Shares) -> np.ndarray:
    """Find the head and the rule with the largest lift, mass − even: (loops, layers, heads + 1, 2) int64.

    Entry [..., h, :] is [h, rule] for head h alone, the last entry [head, rule] over all heads. Both are −1 where no
    rule gets more than attention that is spread evenly would give it.

    >>> attention = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.5, 0.5]]).reshape(1, 1, 2, 2, 2)
    >>> most_lift(rule_shares(attention, {"self": np.eye(2, dtype=bool)})).tolist()
    [[[[0, 0], [-1, -1], [0, 0]]]]
    """
    lift = (shares.mass - shares.even[:, :, None, None]).transpose(1, 2, 3, 0)  # (loops, layers, heads, rules)
    rule, height = lift.argmax(-1), lift.max(-1)
    head = np.broadcast_to(np.arange(lift.shape[2]), rule.shape)
    best = height.argmax(-1)[..., None]
    rule, head, height = (
        np.concatenate([each, np.take_along_axis(each, best, -1)], -1) for each in (rule, head, height)
    )
    found: np.ndarray = np.where(height[..., None] > 1e-9, np.stack([head, rule], -1), -1)  # 1e-9: rounding of a mean
    return found


def conflicts(tokens: np.ndarray, groups: np.ndarray, blank: int = 0) -> np.ndarray:
    """Mark the positions whose token stands a second time in one of their groups: tokens (…, positions) → bool.

    `groups` (groups, size) are indices of positions, such as the rows, columns and boxes of a Sudoku; `blank` is the
    token that may stand anywhere.

    >>> conflicts(np.array([1, 2, 1, 0, 0, 3]), np.array([[0, 1, 2], [3, 4, 5]])).tolist()
    [True, False, True, False, False, False]
    """
    inside = tokens[..., groups]  # (…, groups, size)
    same = (inside[..., :, None] == inside[..., None, :]) & (inside[..., :, None] != blank)
    twice = same.sum(-1) > 1
    found = np.zeros(tokens.shape, bool)
    for group, clash in zip(groups, np.moveaxis(twice, -2, 0), strict=True):
        found[..., group] |= clash
    return found


def neighbours(groups: np.ndarray, positions: int) -> np.ndarray:
    """Say which positions share a group, itself included: groups (groups, size) → (positions, positions) bool.

    >>> neighbours(np.array([[0, 1], [1, 2]]), 3).astype(int).tolist()
    [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
    """
    found = np.eye(positions, dtype=bool)
    found[groups[:, :, None], groups[:, None, :]] = True
    return found
