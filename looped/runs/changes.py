"""Interventions as text, so that a changed model can be named wherever a checkpoint is: in a link, on the command line.

    sudoku9-tmlt~freeze=8            the timestep stays at 8
    sudoku9-tmlt~cut=1_mlp@4-10      head 1 and the MLP are cut in the loops of range(4, 10)
    sudoku9-looped~set=40_5@12       after 12 loops position 40 is told to hold token 5

Several are separated by commas and act in their order. `@FIRST` and `@FIRST-STOP` are the loops of
`looped.model.interventions`, counted from 0: what acts from loop 12 on leaves the states after 0 to 12 loops as they
were. Heads and positions count from 0, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from looped.model import LoopedModel
from looped.model.interventions import (
    Block,
    Cut,
    Input,
    Intervention,
    Mute,
    Patch,
    Scale,
    Swap,
    Temperature,
    Timesteps,
    freeze,
    given_t,
    need,
    shift,
    shuffle,
    stretch,
    symbol,
)
from looped.model.seam import (
    ATTENTION,
    CANDIDATES,
    CAPABILITIES,
    CONTESTS,
    INJECTION,
    ROUNDS,
    SCALES,
    check_interventions,
    device_of,
)
from looped.runs.names import near

MOST = 16  # changes of one run
MOST_T = 1000  # the largest t, or shift of it, that a run can be given; training has met some dozens
MOST_LOOPS = 9999  # of a loop that a change can name
FARTHEST_T = 1e12  # of several changes together, which may multiply each other
ADDED = ("shift", "stretch", "shuffle")  # a second one acts on what the first one came to
TIMES = ("freeze", "shift", "stretch", "shuffle")  # what says which t a loop is given
ITEM = re.compile(r"([a-z]+)(?:=([^@,]*))?(?:@([0-9]{1,4})(?:-([0-9]{1,4}))?)?")

Tokens = Callable[[str], Tensor]  # a typed input → its tokens (positions,)
Name = Callable[[int], str]
Source = Callable[[str], str]
Says = Callable[[tuple[str, ...], Name, Name, Source], str]


def position(number: int) -> str:
    """Return what a position is called where no task says it."""
    return f"position {number}"


def token(number: int) -> str:
    """Return what a token is called where no task says it; 0 is the blank."""
    return str(number or "blank")


def source(text: str) -> str:
    """Return what an input that a state is taken from is called where no task says it."""
    return f"the input {text[:40]}"


class Change(NamedTuple):
    """One item of the text."""

    kind: str
    arguments: tuple[str, ...] = ()
    first: int = 0
    stop: int | None = None

    @property
    def when(self) -> dict[str, int | None]:
        """Return the loops in which the change acts, as arguments of an intervention."""
        return {"first": self.first, "stop": self.stop}


def read(text: str) -> tuple[Change, ...]:
    """Read the changes that a text names. Raises ValueError with one sentence for text that names none.

    >>> for change in read("cut=1_mlp@4-10,ones"):
    ...     print(change)
    Change(kind='cut', arguments=('1', 'mlp'), first=4, stop=10)
    Change(kind='ones', arguments=(), first=0, stop=None)
    """
    items = text.split(",")
    check_number(len(items))
    found = []
    for item in items:
        match = ITEM.fullmatch(item)
        name = named(item)
        if name not in KINDS:
            raise ValueError(no_change(item, KINDS))
        need(
            match is not None,
            f"{item[:40]!r} cannot be read; it is written {KINDS[name].form}, perhaps with @FIRST or @FIRST-STOP "
            "behind it.",
        )
        assert match is not None
        kind, arguments = match[1], tuple(match[2].split("_")) if match[2] else ()
        few, many = KINDS[kind].arguments
        need(
            few <= len(arguments) <= many and match[2] != "",
            f"{item[:40]!r} does not say what is needed; it is written {KINDS[kind].form}.",
        )
        found.append(Change(kind, arguments, int(match[3] or 0), int(match[4]) if match[4] else None))
    return tuple(found)


def named(item: str) -> str:
    """Return the name with which an item of the text begins.

    >>> named("cut=1_mlp@4-10"), named("ones@3")
    ('cut', 'ones')
    """
    return item.partition("@")[0].partition("=")[0]


def no_change(item: str, known: Iterable[str]) -> str:
    """Say in one sentence that an item is none of the known changes: which it may mean, else which there are.

    >>> no_change("freze=2", ["freeze", "cut"]), no_change("foo", ["freeze", "cut"])
    ("'freze=2' is not a change; did you mean freeze?", "'foo' is not a change; there are freeze, cut.")
    """
    names = list(known)
    meant = near(named(item), names, most=1)
    more = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(names)}."
    return f"{item[:40]!r} is not a change; {more}"


def check_number(count: int) -> None:
    """Raise ValueError for more changes than one run can have."""
    need(count <= MOST, f"{count} changes are too many; at most {MOST} are made at once.")


def write(changes: tuple[Change, ...]) -> str:
    """Return the text that `read` turns into these changes.

    >>> write(read("freeze=8,set=40_5@12"))
    'freeze=8,set=40_5@12'
    """

    def item(change: Change) -> str:
        until = "" if change.stop is None else f"-{change.stop}"
        return (
            change.kind
            + ("=" + "_".join(change.arguments) if change.arguments else "")
            + (f"@{change.first}{until}" if change.first or until else "")
        )

    return ",".join(map(item, changes))


def words(change: Change, name: Name = position, sign: Name = token, origin: Source = source, one: str = "loop") -> str:
    """Return a change as people read it; heads and loops count from 1, as on the screen.

    `name` names a position, `sign` a token, `origin` an input that a state is taken from; `one` is what a pass of the
    model is called, loop or layer.

    >>> words(read("cut=1_mlp@4-10")[0]), words(read("set=40_5@12")[0])
    ('head 2 and the MLP cut in loops 5 to 10', 'position 40 set to 5 after loop 12')
    """
    said = KINDS[change.kind].words(change.arguments, name, sign, origin)
    if change.kind == "patch":
        return f"{said} after {one} {change.first}" if change.first else f"{said} before the first {one}"
    if change.stop is not None:
        return (
            f"{said} in {one} {change.stop}"
            if change.stop == change.first + 1
            else f"{said} in {one}s {change.first + 1} to {change.stop}"
        )
    return f"{said} after {one} {change.first}" if change.first else said


def replaced(changes: tuple[Change, ...]) -> list[bool]:
    """Return for each change whether one behind it sets the same thing in all its loops, so that only that one acts.

    Shifts and factors of the timestep are no such changes: they add up.

    >>> replaced(read("freeze=3,freeze=5,shift=1,shift=1,set=4_2@8,set=4_1@2,set=5_1,cut=1,cut=1"))
    [True, False, False, False, True, False, False, True, False]
    """
    return [
        change.kind not in ADDED
        and any(sets(later) == sets(change) and covers(later, change) for later in changes[i + 1 :])
        for i, change in enumerate(changes)
    ]


def sets(change: Change) -> tuple[object, ...]:
    """Return what a change sets, to be compared with what others set."""
    if change.kind in ("freeze", "temperature"):
        return (change.kind,)
    if change.kind == "set":
        return (change.kind, change.arguments[0])
    if change.kind == "patch":
        return (change.kind, change.arguments[0], change.first)
    return (change.kind, change.arguments)


def covers(later: Change, change: Change) -> bool:
    """Return whether a change acts in all loops in which another does."""
    return later.first <= change.first and (
        later.stop is None or (change.stop is not None and later.stop >= change.stop)
    )


def interventions(changes: tuple[Change, ...], model: LoopedModel, tokens: Tokens) -> tuple[Intervention, ...]:
    """Return the interventions that changes mean for a model; `tokens` reads the input that states are patched from.

    Raises ValueError with one sentence for what this model cannot have.
    """
    lacking = unoffered(model)
    for change in changes:
        why = lacking.get(change.kind, "")  # of a change that is taken, but has nothing to act on, `check` says it
        need(
            not why or KINDS[change.kind].of in model.interventions,
            f"this model cannot be given {KINDS[change.kind].of.said} ({change.kind}). {why}",
        )
    made = tuple(KINDS[change.kind].make(change, model, tokens) for change in changes)
    check_interventions(model, made, 10**6, model.positions)  # after the end of a run: the run may become longer
    check_timesteps(made)
    return made


def check_timesteps(made: tuple[Intervention, ...]) -> None:
    """Raise ValueError where several changes together ask for a t beyond what a timestep encoding can bear.

    In between the loops where one of them begins or ends, t is a straight line of the loop: its ends are enough.
    """
    ends = {0, MOST_LOOPS}
    for one in made:
        ends |= {one.first - 1, one.first, *(() if one.stop is None else (one.stop - 1, one.stop))}
    for loop in ends:
        if 0 <= loop <= MOST_LOOPS:
            t = given_t(loop, [one for one in made if one.acts(loop)])
            need(abs(t) <= FARTHEST_T, f"together these changes ask for the timestep {t:.3g}; at most {FARTHEST_T:g}.")


# ----------------------------------------------------------------------------------------------------- kinds of changes


@dataclass(frozen=True)
class Kind:
    """A kind of change: how it is written, how it is said, and the intervention that it makes."""

    form: str  # how it is written
    arguments: tuple[int, int]  # how many, at least and at most
    words: Says
    make: Callable[[Change, LoopedModel, Tokens], Intervention]
    of: type[Intervention]


def number(text: str) -> float:
    """Read a number. Raises ValueError with one sentence for anything else."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text[:20]!r} is not a number.") from None


def limited(text: str, low: float, high: float, what: str) -> float:
    """Read a number from `low` to `high`; `what` it is stands in the sentence of the ValueError otherwise."""
    found = number(text)
    need(low <= found <= high, f"{what} must be from {low:g} to {high:g}, not {found:g}.")
    return found


def whole(text: str) -> int:
    """Read a whole number from 0 up, of at most six digits. Raises ValueError with one sentence for anything else."""
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError(f"{text[:20]!r} is not a whole number from 0 up.")
    return int(text)


def listed(names: list[str]) -> str:
    """Join names with commas and, before the last, "and"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]


def cut_words(arguments: tuple[str, ...], *_: object) -> str:
    """Say which heads, counted from 1, and whether the MLP are cut."""
    heads = [str(whole(one) + 1) for one in arguments if one != "mlp"]
    parts = [f"head{'s' * (len(heads) > 1)} {listed(heads)}"] if heads else []
    return f"{listed(parts + ['the MLP'] * ('mlp' in arguments))} cut"


def block_words(arguments: tuple[str, ...], name: Name, *_: object) -> str:
    """Say which position is kept from attending to which others."""
    to = len(arguments) - 1
    return (
        f"{name(whole(arguments[0]))} kept from attending to {name(whole(arguments[1])) if to == 1 else f'{to} others'}"
    )


def temperature_words(arguments: tuple[str, ...], *_: object) -> str:
    """Say what takes the place of the softmax."""
    value = number(arguments[0])
    return (
        "hardmax attention"
        if value == 0
        else "attention spread evenly"
        if math.isinf(value)
        else f"softmax at temperature {value:g}"
    )


def patch_words(arguments: tuple[str, ...], name: Name, _: Name, origin: Source) -> str:
    """Say whose state is put back or replaced."""
    taken = "put back to its start" if arguments[1] == "start" else f"from {origin(arguments[1])}"
    return f"state of {name(whole(arguments[0]))} {taken}"


def mute_words(arguments: tuple[str, ...], *_: object) -> str:
    """Say which contests, counted from 1, are muted, and in which groups.

    >>> mute_words(("2", "row")), mute_words(("cell", "box"))
    ('contest 3 muted in rows', 'all contests muted in cells and boxes')
    """
    contests = [str(whole(one) + 1) for one in arguments if one.isdigit()]
    groups = [{"box": "boxes"}.get(one, f"{one}s") for one in arguments if not one.isdigit()]
    which = f"contest{'s' * (len(contests) > 1)} {listed(contests)}" if contests else "all contests"
    return f"{which} muted{f' in {listed(groups)}' if groups else ''}"


def unoffered(model: LoopedModel) -> dict[str, str]:
    """Return the kinds of changes that a model cannot be given: name → why, in one sentence."""
    found = {}
    for name, kind in KINDS.items():
        needed = NEEDED.get(kind.of)
        if needed is not None and needed not in model.capabilities:
            found[name] = f"This model does not have {CAPABILITIES[needed]}."
        elif kind.of not in model.interventions:
            found[name] = _untaken(kind.of, model)
    return found


def _untaken(kind: type[Intervention], model: LoopedModel) -> str:
    """Return why a model that has what an intervention needs is not made to be given it."""
    if kind is Input and model.input_kind == "vectors":
        return "The inputs of this model are numbers, so that there is no token to set."
    if kind is Input and CANDIDATES in model.capabilities:
        return "It sets what one position reads, and a place of this model has several positions."
    if kind is Swap and ROUNDS in model.capabilities:
        return "Every loop of this model reads the sets of its search, in which digits cannot be exchanged."
    return "This model is not made to be changed in this way."


def puts_back(model: LoopedModel) -> bool:
    """Say whether a state can be put back to its start: what begins without the input, which is read in every loop."""
    return bool(model.capabilities & {INJECTION, ROUNDS})


def offered(model: LoopedModel) -> list[str]:
    """Return the kinds of changes that a model can be given."""
    return [name for name in KINDS if name not in unoffered(model)]


def close_words(arguments: tuple[str, ...], *_: object) -> str:
    """Say which gates and scales are set to 0."""
    return f"{listed([symbol(one) for one in arguments])} set to 0"


@torch.inference_mode()
def make_patch(change: Change, model: LoopedModel, tokens: Tokens) -> Patch:
    """Return the patch of a position: the state that it has after as many loops in a run on another input."""
    position, donor = whole(change.arguments[0]), change.arguments[1]
    table = model.places(model.positions)  # a place of the input may have several positions
    count = model.positions if table is None else len(table)
    need(position < count, f"position {position} does not exist: this model has positions 0 to {count - 1}.")
    own = [position] if table is None else table[position].tolist()
    need(change.first <= 256, "a state can be patched after at most 256 loops.")
    need(
        donor != "start" or puts_back(model),
        "without input injection every state starts as its input; patch it from another input.",
    )
    need(
        donor != "start" or change.first > 0,
        "before the first loop every state is at its start, so that putting one back there changes nothing; "
        "put it back after a later loop.",
    )
    device = device_of(model)
    width = model.width
    if donor == "start":
        found = torch.zeros(len(own), width)
    else:
        states = model.unroll(tokens(donor).to(device)[None], max(1, change.first))
        found = next(state for state in states if state.loop == change.first).hidden[0, own]
    kept = tuple(tuple(row) for row in found.float().tolist())
    return Patch(tuple(own), kept, first=change.first, stop=change.first + 1)


NEEDED: dict[type[Intervention], str] = {
    Timesteps: SCALES,
    Scale: SCALES,
    Input: INJECTION,
    Cut: ATTENTION,
    Block: ATTENTION,
    Temperature: ATTENTION,
    Mute: CONTESTS,
    Swap: CONTESTS,
}
"""The capability that a model must have for an intervention, where it must have one."""

KINDS = {
    "freeze": Kind(
        "freeze=T",
        (1, 1),
        lambda a, *_: f"timestep frozen at {number(a[0]):g}",
        lambda c, *_: freeze(limited(c.arguments[0], 0, MOST_T, "t"), **c.when),
        Timesteps,
    ),
    "shift": Kind(
        "shift=T",
        (1, 1),
        lambda a, *_: f"timesteps shifted by {number(a[0]):g}",
        lambda c, *_: shift(limited(c.arguments[0], -MOST_T, MOST_T, "what is added to t"), **c.when),
        Timesteps,
    ),
    "stretch": Kind(
        "stretch=FACTOR",
        (1, 1),
        lambda a, *_: "each loop's own timestep" if number(a[0]) == 1 else f"timesteps multiplied by {number(a[0]):g}",
        lambda c, *_: stretch(limited(c.arguments[0], 0, MOST_T, "the factor of t"), **c.when),
        Timesteps,
    ),
    "shuffle": Kind(
        "shuffle=SEED",
        (1, 1),
        lambda a, *_: f"timesteps shuffled with seed {whole(a[0])}",
        lambda c, model, _: shuffle(model.trained_loops, whole(c.arguments[0]), **c.when),
        Timesteps,
    ),
    "close": Kind("close=alpha1_alpha2", (1, 4), close_words, lambda c, *_: Scale(c.arguments, **c.when), Scale),
    "ones": Kind("ones", (0, 0), lambda *_: "timestep scales all 1", lambda c, *_: Scale(plus=1, **c.when), Scale),
    "cut": Kind(
        "cut=HEAD_HEAD or cut=mlp",
        (1, 33),
        cut_words,
        lambda c, *_: Cut(tuple(whole(one) for one in c.arguments if one != "mlp"), "mlp" in c.arguments, **c.when),
        Cut,
    ),
    "block": Kind(
        "block=POSITION_TO_TO",
        (2, 400),
        block_words,
        lambda c, *_: Block((whole(c.arguments[0]),), tuple(map(whole, c.arguments[1:])), **c.when),
        Block,
    ),
    "temperature": Kind(
        "temperature=T",
        (1, 1),
        temperature_words,
        lambda c, *_: Temperature(number(c.arguments[0]), **c.when),
        Temperature,
    ),
    "set": Kind(
        "set=POSITION_TOKEN",
        (2, 2),
        lambda a, name, sign, _: f"{name(whole(a[0]))} set to {sign(whole(a[1]))}",
        lambda c, *_: Input((whole(c.arguments[1]),), (whole(c.arguments[0]),), **c.when),
        Input,
    ),
    "patch": Kind("patch=POSITION_INPUT or patch=POSITION_start", (2, 2), patch_words, make_patch, Patch),
    "mute": Kind(
        "mute=CONTEST_CONTEST, mute=row or mute=CONTEST_row",
        (1, 20),
        mute_words,
        lambda c, *_: Mute(
            tuple(whole(one) for one in c.arguments if one.isdigit()),
            tuple(one for one in c.arguments if not one.isdigit()),
            **c.when,
        ),
        Mute,
    ),
    "swap": Kind(
        "swap=DIGIT_DIGIT",
        (2, 2),
        lambda a, _name, sign, _: f"{sign(whole(a[0]))} and {sign(whole(a[1]))} exchanged",
        lambda c, *_: Swap((whole(c.arguments[0]), whole(c.arguments[1])), **c.when),
        Swap,
    ),
}
