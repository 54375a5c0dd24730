"""What the pages with a microscope share: what a visitor asks for, checked; what the browser is sent of every run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from looped.catalogue.checkpoints import CheckpointError
from looped.lenses.fixed_point import verdict
from looped.lenses.timestep import encodings
from looped.model import Config
from looped.runs.changes import token
from looped.runs.variants import VARIANTS, variants, words
from looped.serving.engine import Engine
from looped.serving.message import Packed, compare, timesteps_compared
from looped.ui.component import microscope
from looped.ui.state import engine, packer

LINK_VERSION = "1"
OTHER_VERSION = "This link was made by another version of Loopscope; the first {} is shown."
Message = dict[str, str]


class Place(NamedTuple):
    """What the screen calls positions and tokens, by their numbers."""

    position: Callable[[int], str]
    token: Callable[[int], str] = token


@dataclass(frozen=True)
class Request:
    """What a visitor asks for, unchecked: it comes from a browser or from a link."""

    puzzle: Any
    checkpoint: Any
    loops: Any
    versus: Any = ""  # the checkpoint to compare with; "" for none
    number: int = 0  # counts the requests of one browser tab; 0 is the first picture


@dataclass(frozen=True)
class Shown:
    """What is on screen: an input that could be run, and what was said about the last request."""

    input: Any  # what the checkpoint's task made of a text: a board, two words, a problem; `input.text` is what it is written like
    checkpoint: str
    loops: int
    versus: str = ""
    number: int = 0
    message: Message | None = None
    entry: str | None = None  # what the person's input should hold; None leaves it as it is


def trouble(shared: Engine, name: Any, kinds: tuple[str, ...]) -> str | None:
    """Why this is not the name of a checkpoint, or of a variant of one, for these kinds of task; None when it is."""
    unknown = f"There is no checkpoint called {str(name)[:60]!r}; choose one from the list."
    if not isinstance(name, str):
        return unknown
    try:
        if shared.checkpoint(name.partition("~")[0]).task.kind not in kinds:
            return unknown
    except CheckpointError:
        return unknown
    try:
        shared.checkpoint(name)
    except CheckpointError as error:
        return f"This change cannot be made: {str(error).partition(': ')[2] or error}"
    return None


def names(shared: Engine, kinds: tuple[str, ...]) -> list[str]:
    """The checkpoints for these kinds of task."""
    return [name for name in shared.names() if shared.checkpoint(name).task.kind in kinds]


def label(name: str, place: Place) -> str:
    """A checkpoint's name as people read it: sudoku9-tmlt~frozen → sudoku9-tmlt, timestep frozen at 0."""
    base, mark, text = name.partition("~")
    many = text.count(",") + 1
    return base if not mark else f"{base}, {many} changes" if many > 1 else f"{base}, {words(text, *place)}"


def change_words(name: str, place: Place) -> list[str]:
    """What is different in a variant, one by one."""
    text = name.partition("~")[2]
    return [words(part, *place) for part in text.split(",")] if text else []


def default_loops(shared: Engine, checkpoint: str) -> int:
    """Twice the trained loops, to show what happens beyond them; but not beyond 32, which a first visit would wait for."""
    config = shared.checkpoint(checkpoint).config
    trained = config.trained_loops
    return config.layers if config.architecture == "standard" else min(2 * trained, max(32, trained))


def bounded(shared: Engine, checkpoint: str, loops: Any, before: int) -> tuple[int, list[str]]:
    """A number of loops that this checkpoint can be run for, and what there is to say about it."""
    most = shared.most_loops(checkpoint)
    if isinstance(loops, int) and not isinstance(loops, bool) and 1 <= loops <= most:
        return loops, []
    return min(before, most), [f"The number of loops must be a whole number from 1 to {most}; {before} is kept."]


def loops_of(query: dict[str, str], usual: int) -> int | str:
    """What a link says of the number of loops, unchecked."""
    text = query.get("loops", str(usual))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text


def rival(
    shared: Engine,
    versus: str,
    checkpoint: str,
    kinds: tuple[str, ...],
    place: Place,
    misfit: Callable[[str], str | None],
) -> tuple[str, list[str]]:
    """The checkpoint to compare with, "" for none, and what there is to say about it."""
    why = None
    if versus:
        why = trouble(shared, versus, kinds) or misfit(versus)
        if why is None and versus == checkpoint:
            why = f"{label(versus, place)} beside itself shows nothing; choose another to compare with."
    return ("", [why]) if why else (versus, [])


def verdict_of(hidden: np.ndarray, config: Config) -> dict[str, str]:
    """How a run ends, for the panel on fixed points."""
    if config.architecture == "standard":
        return {
            "kind": "no loop",
            "sentence": "A standard transformer applies every layer once: there is no map to have a fixed point.",
        }
    found = verdict(hidden, config.trained_loops)
    return {"kind": found.kind, "sentence": found.sentence}


def changed(shared: Engine, name: str, place: Place) -> list[tuple[str, str]]:
    """Names and labels of the variants of a checkpoint, or of the one that it is a variant of."""
    base, _, text = name.partition("~")
    kinds = [*variants(shared.checkpoint(base).config), *([text] if text and text not in VARIANTS else [])]
    return [(f"{base}~{kind}", label(f"{base}~{kind}", place)) for kind in kinds]


def run(shared: Engine, name: str, shown: Shown, place: Place) -> Packed:
    """One run of one checkpoint on the input, with what the page says of the checkpoint."""
    checkpoint = shared.checkpoint(name)
    loops = min(shown.loops, shared.most_loops(name))  # a standard transformer beside a loop ends with its layers
    packed = shared.packed(name, checkpoint.task.encode(shown.input), loops, packer(checkpoint.task.name))
    about = {
        "name": name,
        "label": label(name, place),
        "architecture": checkpoint.config.architecture,
        "trained_loops": checkpoint.config.trained_loops,
        "held": checkpoint.config.clamp_timestep,
        "sha256": checkpoint.sha256,
        "parameters": checkpoint.model.parameters_count,
        "changes": change_words(name, place),
        "verdict": verdict_of(packed["kept"]["hidden"], checkpoint.config),
    }
    arrays: dict[str, np.ndarray] = {}
    encoded, used = encodings(checkpoint.model, range(loops)), packed["kept"]["scales"]
    if encoded is not None and used is not None:
        arrays |= timesteps_compared(encoded, used)
    return {"arrays": packed["arrays"] | arrays, "meta": packed["meta"] | about, "kept": packed["kept"]}


def runs(shared: Engine, shown: Shown, one: Callable[[str], Packed]) -> list[Packed]:
    """The run, or the two runs in one basis."""
    return compare([one(name) for name in (shown.checkpoint, shown.versus) if name])


def about(shared: Engine, shown: Shown, fitting: Iterable[str], others: Iterable[str], place: Place) -> dict[str, Any]:
    """What every page tells the browser beside the runs. `fitting` are the checkpoints that can run this input, `others` those that
    could be chosen with an input of their own."""
    fits, own = [(name, name) for name in fitting], changed(shared, shown.checkpoint, place)
    if "~" in shown.versus and shown.versus not in dict(own):  # what somebody thought up, so that the list can show it
        own.append((shown.versus, label(shown.versus, place)))
    rivals = {"Checkpoints": fits, f"{shown.checkpoint.partition('~')[0]}, changed": own}
    return {
        "most_loops": shared.most_loops(shown.checkpoint),
        "loops": shown.loops,
        "versus": shown.versus,
        "device": str(shared.device),
        "request": shown.number,
        "message": shown.message,
        "entry": shown.entry,
        "puzzle": shown.input.text,
        "checkpoints": [{"name": name, "label": said} for name, said in [*((name, name) for name in others), *own]],
        "rivals": [
            {"title": title, "names": [pair for pair in pairs if pair[0] != shown.checkpoint]}
            for title, pairs in rivals.items()
        ],
        "cards": cards(shared, shown.checkpoint),
    }


def cards(shared: Engine, name: str) -> list[dict[str, Any]]:
    """What was measured of all checkpoints of one task on generated held-out inputs."""
    task = shared.checkpoint(name).task.name
    found = []
    for other in shared.names():
        checkpoint = shared.checkpoint(other)
        score = next((score for score in checkpoint.info.get("scores", []) if "file" not in score), None)
        if checkpoint.task.name == task and score:
            found.append({"name": other, "loops": score["loops"], "accuracy": score["accuracy"]})
    return found


def received(
    shared: Engine,
    state: Any,
    key: str,
    query: dict[str, str],
    from_link: Callable[[Engine, dict[str, str]], Shown],
    answer: Callable[[Engine, Shown, Request], Shown],
) -> None:
    """Keep `state[key]` up with what the browser's component asks for. Raises ValueError when there is nothing to show."""
    asked = (state.get(f"{key}-microscope") or {}).get("request")
    if key not in state:
        state[key] = from_link(shared, query)
    if isinstance(asked, dict) and asked.get("number") != state[key].number:
        number = asked.get("number")
        request = Request(
            asked.get("puzzle"),
            asked.get("checkpoint"),
            asked.get("loops"),
            asked.get("versus", ""),
            number if isinstance(number, int) else 0,
        )
        state[key] = answer(shared, state[key], request)


def page(
    name: str,
    from_link: Callable[[Engine, dict[str, str]], Shown],
    answer: Callable[[Engine, Shown, Request], Shown],
    message_bytes: Callable[[Engine, Shown], bytes],
) -> None:
    """Draw a page: read what was asked, check it, send the trace."""
    shared = engine()
    try:
        received(shared, st.session_state, name, st.query_params.to_dict(), from_link, answer)
    except ValueError as error:  # there is nothing to show yet
        st.info(str(error))
        return
    microscope(
        key=f"{name}-microscope", data=message_bytes(shared, st.session_state[name]), on_request_change=lambda: None
    )


def refused(now: Shown, text: str) -> Shown:
    """The last good picture, and in a sentence what is wrong."""
    return replace(now, message={"kind": "error", "text": text})
