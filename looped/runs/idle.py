"""What changes of a run leave to each other: which of them have no effect beside others."""

from __future__ import annotations

import math
from functools import cache
from typing import cast

from looped.model.interventions import Timesteps, shift, shuffle, stretch
from looped.runs.changes import TIMES, Change, covers, number, sets, whole


def idle(changes: tuple[Change, ...], heads: int = 0, trained: int = 0, last: float = math.inf) -> list[Change | None]:
    """Return for each change another that leaves it without effect in all its loops, None where there is none.

    heads: of the model, of which all may be cut; trained: its trained loops, whose timesteps are shuffled; 0: not
    known. last: the largest t that it is given in a run without changes of the timestep.

    A frozen timestep is the same whatever was done to it before; scales that are all 1 do not depend on the timestep;
    what is part of another change, such as one head of several that are cut, adds nothing to it; and where nothing of
    attention or of the MLP is added, nothing that is done to it matters. Without all that are named the run is the
    same: of two that leave each other without effect the second is named.

    >>> from looped.runs.changes import read, write
    >>> [other and write((other,)) for other in idle(read("freeze=0,freeze=8@4,shift=1@6,freeze=3@5,cut=0,cut=0_1"))]
    [None, None, 'freeze=3@5', None, 'cut=0_1', None]
    >>> [other and write((other,)) for other in idle(read("cut=0_1,temperature=0,close=alpha2,cut=mlp"), heads=2)]
    [None, 'cut=0_1', None, 'close=alpha2']
    """

    def same(one: set[int], other: set[int]) -> bool:
        acting = [tuple(changes[k] for k in sorted(kept)) for kept in (one, other)]
        return all(len({_done(kept, loop, heads, trained, last) for kept in acting}) == 1 for loop in loops)

    loops = _telling_loops(changes, trained)
    found: list[Change | None] = [None] * len(changes)
    kept = set(range(len(changes)))
    for i in reversed(range(len(changes))):
        rest = kept - {i}
        if not same(kept, rest) or same({i}, set()):
            continue
        needed = [k for k in rest if not same(kept - {k}, rest - {k})]
        found[i] = changes[max(needed or [k for k in rest if same({i, k}, {k})] or rest)]
        kept = rest
    return found


def _telling_loops(changes: tuple[Change, ...], trained: int) -> list[int]:
    """Return loops enough to tell runs apart.

    Between two loops in which changes begin or end, t is a straight line of the loop, but in the trained loops, which
    may be shuffled.
    """
    ends = {trained, *(end for change in changes for end in (change.first, change.stop or 0))}
    near = {end + by for end in ends for by in range(-1, 4)}
    return sorted(loop for loop in near | set(range(trained)) if loop >= 0)


def _done(changes: tuple[Change, ...], loop: int, heads: int, trained: int, last: float) -> tuple[object, ...]:
    """Return what changes do in a loop: runs in which it is equal in every loop are equal."""
    acting = [one for one in changes if one.first <= loop and (one.stop is None or loop < one.stop)]
    t: object = loop if any(one.kind in TIMES for one in acting) else min(loop, last)
    ones, parts, latest = False, dict.fromkeys(PARTS, frozenset[object]()), dict[object, object]()
    for one in acting:
        if one.kind in TIMES:
            t = _given(one, t, trained)
        elif one.kind == "ones":
            ones, parts["close"] = True, frozenset()  # of what was closed before, too
        elif one.kind in PARTS:
            parts[one.kind] |= PARTS[one.kind](one.arguments)
        else:
            latest[sets(one) if one.kind != "swap" else (one, len(latest))] = one.arguments
    parts["mute"] = frozenset(one for one in parts["mute"] if not any(_within(one, more) for more in parts["mute"]))
    cut = parts["cut"]
    if heads and ("alpha1" in parts["close"] or "gamma1" in parts["close"] or len(cut - {"mlp"}) == heads):
        parts |= {"close": parts["close"] - {"gamma1"} | {"alpha1"}, "cut": cut & {"mlp"}, "block": frozenset()}
        latest.pop(("temperature",), None)
    if heads and ("alpha2" in parts["close"] or "gamma2" in parts["close"] or "mlp" in cut):
        parts |= {"close": parts["close"] - {"gamma2"} | {"alpha2"}, "cut": parts["cut"] - {"mlp"}}
    if ones or parts["close"] >= {"alpha1", "alpha2"}:
        t = None  # no scale depends on it
    silent = parts["close"] >= {"alpha1", "alpha2"}
    return t, ones and not silent, frozenset(parts.items()), frozenset(latest.items())


def frozen_t(changes: tuple[Change, ...], i: int, trained: int = 0) -> float | None:
    """Return the one t that a change finds in all its loops because a change before it has frozen it, None for none.

    >>> from looped.runs.changes import read
    >>> changes = read("freeze=2,shift=100,stretch=2")
    >>> [frozen_t(changes, i) for i in range(3)]
    [None, 2.0, 102.0]
    """
    t: object = None
    for earlier in changes[:i]:
        if earlier.kind in TIMES and covers(earlier, changes[i]):
            t = None if t is None and earlier.kind != "freeze" else _given(earlier, t, trained)
        elif earlier.kind in TIMES and _meets(earlier, changes[i]):
            t = None
    return t if isinstance(t, float) else None


def given_frozen(changes: tuple[Change, ...], i: int, trained: int = 0) -> float | None:
    """Return the one t that a change makes of the frozen one which it finds, None where it finds none."""
    t = frozen_t(changes, i, trained)
    made = None if t is None or changes[i].kind not in TIMES else _given(changes[i], t, trained)
    return made if isinstance(made, float) else None


def _given(change: Change, t: object, trained: int) -> object:
    """Return what a change of the timestep makes of one t: what is asked of it, where that is not known."""
    if change.kind == "freeze":
        return number(change.arguments[0])
    if not isinstance(t, int | float) or (change.kind == "shuffle" and not trained):
        return change.kind, change.arguments, t
    if change.kind == "shuffle":
        return float(_shuffled(trained, whole(change.arguments[0])).t(t))
    by = number(change.arguments[0])
    return (shift(by) if change.kind == "shift" else stretch(by)).t(t)


@cache
def _shuffled(trained: int, seed: int) -> Timesteps:
    return shuffle(trained, seed)


def _parts(arguments: tuple[str, ...]) -> frozenset[object]:
    return frozenset(arguments)


def _blocked(arguments: tuple[str, ...]) -> frozenset[object]:
    """Return the pairs of a position and one that it may not attend to."""
    return frozenset((arguments[0], to) for to in arguments[1:])


def _muted(arguments: tuple[str, ...]) -> frozenset[object]:
    """Return one pair of contests and groups; empty are all."""
    return frozenset(
        [tuple(frozenset(one for one in arguments if one.isdigit() == number) for number in (True, False))]
    )


def _within(one: object, more: object) -> bool:
    """Return whether contests and groups are part of others."""
    pairs = zip(cast(Muted, one), cast(Muted, more), strict=True)
    return one != more and all(not own or (bool(few) and few <= own) for few, own in pairs)


Muted = tuple[frozenset[str], frozenset[str]]
PARTS = {"cut": _parts, "close": _parts, "block": _blocked, "mute": _muted}
"""Of a change that several parts make up, the set of them: what is in that of another change, too, adds nothing."""


def _meets(one: Change, other: Change) -> bool:
    """Return whether there is a loop in which both changes act."""
    return all(a.stop is None or a.stop > b.first for a, b in ((one, other), (other, one)))
