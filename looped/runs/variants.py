"""Variants: the same checkpoint with one thing changed, to be run beside it.

What did training do, or the timestep encoding, or the softmax? A variant is written after the name of a checkpoint, as
in `sudoku9-tmlt~frozen`: one of those below, a change of `looped.runs.changes`, or several separated by commas. Nothing
is trained and no file is changed. A variant shares its weights with the checkpoint unless its description says
otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from safetensors.torch import save

from looped.model import LoopedModel
from looped.model.interventions import Scale, freeze, shuffle
from looped.model.seam import SCALES
from looped.runs import changes, idle
from looped.runs.changes import Name, Tokens
from looped.runs.names import CheckpointName


@dataclass(frozen=True)
class Variant:
    """A change with a name."""

    label: str  # after the checkpoint's name, on screen
    make: Callable[[LoopedModel], LoopedModel]
    fits: Callable[[LoopedModel], bool]  # whether a model has the variant


def untrained(model: LoopedModel) -> LoopedModel:
    """Return the model with the weights that training starts from."""
    return model.untrained()


def with_hardmax(model: LoopedModel) -> LoopedModel:
    """Return the model with hardmax in place of softmax."""
    return model.shared(model.hardmax)


def frozen(model: LoopedModel) -> LoopedModel:
    """Return the model with timestep 0 in every loop."""
    return model.shared(standing=[freeze(0)])


def shuffled(model: LoopedModel) -> LoopedModel:
    """Return the model with the timesteps of its trained loops shuffled."""
    return model.shared(standing=[shuffle(model.trained_loops)])


def unscaled(model: LoopedModel) -> LoopedModel:
    """Return the model with all gates and scales one."""
    return model.shared(standing=[Scale(plus=1)])


def _any(model: LoopedModel) -> bool:
    return True


def _softmax(model: LoopedModel) -> bool:
    return model.hardmax is not None


def _timestep(model: LoopedModel) -> bool:
    return SCALES in model.capabilities


VARIANTS = {
    "untrained": Variant("untrained", untrained, _any),
    "hardmax": Variant("hardmax attention", with_hardmax, _softmax),
    "frozen": Variant("timestep frozen at 0", frozen, _timestep),
    "shuffled": Variant("timesteps shuffled", shuffled, _timestep),
    "unscaled": Variant("timestep scales all 1", unscaled, _timestep),
}


def is_variant(text: str) -> bool:
    """Say whether every part of a text begins with the name of a variant or of a kind of change."""
    known = VARIANTS.keys() | changes.KINDS.keys()
    return all(changes.named(part) in known for part in text.split(","))


def _check(part: str) -> None:
    """Raise ValueError with one sentence for a part that begins with no known name, or a variant with more than one."""
    name = changes.named(part)
    if name not in VARIANTS and name not in changes.KINDS:
        raise ValueError(changes.no_change(part, [*changes.KINDS, *VARIANTS]))
    if name in VARIANTS and part != name:
        raise ValueError(f"{part[:40]!r} is not a change; {name} is written alone.")


def varied(model: LoopedModel, text: str, tokens: Tokens) -> LoopedModel:
    """Return the model that a text asks for; `tokens` reads an input that a change names.

    Raises ValueError with one sentence.
    """
    parts = text.split(",")
    changes.check_number(len(parts))
    for part in parts:
        _check(part)
    for part in dict.fromkeys(parts):  # the same variant a second time changes nothing more
        if part in VARIANTS:
            if part not in variants(model):
                raise ValueError(f"this model has no variant {part!r}; it has {', '.join(variants(model))}.")
            model = VARIANTS[part].make(model)
    asked = [part for part in parts if part not in VARIANTS]
    if asked:
        model = model.shared(standing=changes.interventions(changes.read(",".join(asked)), model, tokens))
    return model


def words(
    text: str,
    name: Name = changes.position,
    sign: Name = changes.token,
    origin: changes.Source = changes.source,
    one: str = "loop",
) -> str:
    """Say in words what is different in a variant; the names are those of `looped.runs.changes.words`.

    >>> words("hardmax,freeze=8@4")
    'hardmax attention, timestep frozen at 8 after loop 4'
    """
    return ", ".join(
        VARIANTS[part].label if part in VARIANTS else changes.words(changes.read(part)[0], name, sign, origin, one)
        for part in text.split(",")
    )


def without_replaced(parts: list[str]) -> list[str]:
    """Return the parts of a name without those that a later one takes the place of.

    >>> without_replaced(["hardmax", "freeze=0", "shift=1", "freeze=3"])
    ['hardmax', 'shift=1', 'freeze=3']
    """
    made = [i for i, part in enumerate(parts) if part not in VARIANTS]
    over = changes.replaced(changes.read(",".join(parts[i] for i in made))) if made else []
    gone = {i for i, without in zip(made, over, strict=True) if without}
    return [part for i, part in enumerate(parts) if i not in gone]


def with_replaced(name: str, other: str) -> str:
    """Return a checkpoint's name in which a change that sets the same again has replaced the first.

    The changes that it shares with the name that it is compared with stay.

    >>> with_replaced("sudoku9-tmlt~freeze=0,freeze=1,freeze=2", "sudoku9-tmlt~freeze=0")
    'sudoku9-tmlt~freeze=0,freeze=2'
    """
    own, read = CheckpointName.read(other).parts, CheckpointName.read(name)
    if not read.parts or read.parts[: len(own)] != own:
        return name
    return str(read.changed(",".join([*own, *without_replaced(read.parts[len(own) :])])))


def listed_words(parts: list[str], *names: Any, model: LoopedModel | None = None) -> list[str]:
    """Say in words what is different, part by part, and which parts another one leaves without effect.

    `names` are as in `words`; of a model it is known what its heads and its trained loops leave of a change.

    >>> listed_words(["freeze=0", "freeze=3"])[0]
    'timestep frozen at 0 (without effect: it is then frozen at 3)'
    >>> listed_words(["cut=0", "cut=0"])
    ['head 1 cut', 'head 1 cut (without effect: part of “head 1 cut”)']
    >>> listed_words(["freeze=0", "shift=100"])[1]
    'timesteps shifted by 100 (the frozen timestep is then 100)'
    """
    sizes = () if model is None else (model.sizes(1, model.positions).heads, model.trained_loops, model.last_t)
    made = [i for i, part in enumerate(parts) if part not in VARIANTS]
    read = changes.read(",".join(parts[i] for i in made)) if made else ()
    found = [words(part, *names) for part in parts]
    for k, (i, other) in enumerate(zip(made, idle.idle(read, *sizes), strict=True)):
        t = idle.given_frozen(read, k, *sizes[1:2])
        if other is not None:
            stays = t if t == idle.frozen_t(read, k, *sizes[1:2]) else None
            found[i] += f" (without effect: {_why(read[k], other, stays, *names)})"
        elif t is not None and read[k].kind != "freeze":
            found[i] += f" (the frozen timestep is then {t:g})"
    for i, part in enumerate(parts):
        if part in VARIANTS and part in parts[:i]:
            found[i] += f" (without effect: part of “{found[i]}”)"
    return found


def _why(change: changes.Change, other: changes.Change, t: float | None, *names: Any) -> str:
    """Say what a change does that leaves another without effect; t: the frozen timestep, where it stays as it is."""
    said = f"“{changes.words(other, *names)}”"
    if other.kind == "freeze":
        return f"it is then frozen at {other.arguments[0]}" if t is None else f"it stays frozen at {t:g}"
    if other.kind == "ones":
        return "all scales are then 1"
    if other.kind != change.kind or idle.PARTS.get(change.kind) is None:
        return f"{said} takes its place" if other.kind == change.kind else f"nothing is left of it beside {said}"
    one, more = (set(each.arguments) for each in (change, other))
    return f"part of {said}" if one <= more or change.kind != "close" else f"nothing is left of it beside {said}"


def variants(model: LoopedModel) -> list[str]:
    """Return the names of the variants that a model has."""
    return [name for name, variant in VARIANTS.items() if variant.fits(model)]


def weights_digest(model: LoopedModel) -> str:
    """Return the sha256 of the weights as a safetensors file would hold them."""
    return hashlib.sha256(save({name: p.contiguous() for name, p in model.weights().items()})).hexdigest()
