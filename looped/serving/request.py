"""What a visitor asks for, resolved once: checkpoint, input, loops and second checkpoint, from a request or a link.

All pages with a microscope and the routes /ask and /export share this. What is particular to a task is asked of the
task (`looped.tasks.protocol`): how it reads a text, and the sentences of its page. Nothing here raises for what a
visitor sends: bad input keeps the last good picture and says in a sentence what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, CheckpointError
from looped.model.seam import LoopedModel, pass_terms, passes_of, usual_loops
from looped.runs.changes import position
from looped.runs.names import CheckpointName
from looped.runs.variants import listed_words, with_replaced, words
from looped.serving.engine import Engine
from looped.tasks import Task
from looped.tasks.protocol import NoAnswer, Page, Parsed

LINK_VERSION = "1"
LINK_KEYS = {"puzzle", "checkpoint", "versus", "loops"}
USUAL = "usual"  # in place of a number of loops: as many as training used, whatever checkpoint it is
SEPARATORS = " \t\r\n\ufeff,;"  # a text of nothing else holds nothing
LONGEST_ENTRY = 2000  # characters of a wrong text that are given back, to be mended
Message = dict[str, str]


class Names(NamedTuple):
    """What positions and tokens of an input are called in sentences, by their numbers, and other inputs.

    one: what a pass of the model is called, loop or layer.
    """

    position: Callable[[int], str]
    token: Callable[[int], str]
    source: Callable[[str], str]
    one: str = "loop"

    def of(self, model: LoopedModel) -> Names:
        """Return the names in sentences about runs of this model."""
        return self._replace(one=pass_terms(model)["loop"])


@dataclass(frozen=True)
class Request:
    """What a visitor asks for, unchecked: it comes from a browser or from a link."""

    puzzle: Any
    checkpoint: Any
    loops: Any  # or `USUAL`
    versus: Any = ""  # the checkpoint to compare with; "" for none
    number: int = 0  # counts the requests of one browser tab; 0 is the first picture
    link: bool = False  # its loops are meant whichever checkpoint reads its input, not only for the one on screen


@dataclass(frozen=True)
class Shown:
    """What is on screen: an input that could be run, and what was said about the last request."""

    input: Parsed  # what the checkpoint's task made of a text
    checkpoint: str
    loops: int
    versus: str = ""
    number: int = 0
    message: Message | None = None
    entry: str | None = None  # what the person's input should hold; None leaves it as it is
    instead: str = ""  # what was run in place of a wrong text: a "copy" of it, an "example"; "": the last input


class ShownRun(NamedTuple):
    """One run of a view: what is asked of the engine, of a question or of an export."""

    name: str  # of the checkpoint, with its changes
    checkpoint: Checkpoint
    tokens: np.ndarray  # what the model reads of the input
    loops: int
    beside: str  # what is known of it besides; see `Task.beside`


@dataclass(frozen=True)
class Reading:
    """An input that can be run, and with which checkpoint."""

    parsed: Parsed
    checkpoint: str
    notes: list[str] = field(default_factory=list)
    wrong: str | None = None  # what is wrong with the text that was sent; the input is then another one
    entry: str | None = None  # the wrong text where it can be drawn all the same
    instead: str = ""  # see `Shown.instead`


# ------------------------------------------------------------------------------------------------ checkpoints and names


def task_of(engine: Engine, checkpoint: str) -> Task:
    """Return the task of a checkpoint of the catalogue, or of a variant of one."""
    return engine.checkpoint(checkpoint).task


def checkpoints_of(engine: Engine, page: Page) -> list[str]:
    """Return the names of the checkpoints that a page shows."""
    return [name for name in engine.names() if task_of(engine, name).page.slug == page.slug]


def trouble(engine: Engine, name: Any, page: Page) -> str | None:
    """Return why this is not the name of a checkpoint, or of a variant of one, for a page; None when it is."""
    unknown = f"There is no checkpoint called {str(name)[:60]!r}; choose one from the list."
    if not isinstance(name, str):
        return unknown
    base = CheckpointName.read(name).base
    try:
        own = task_of(engine, base).page.slug
        if own != page.slug:
            return f"{name[:60]!r} is on the page {own.capitalize()}; choose a checkpoint of this page from the list."
    except CheckpointError:
        why = engine.broken().get(base)
        return unknown if why is None else left_out(base, why)
    try:
        engine.checkpoint(name)
    except CheckpointError as error:
        return f"This change cannot be made: {str(error).partition(': ')[2] or error}"
    return None


def left_out(name: str, why: str) -> str:
    """Say that a folder holds no checkpoint that could be used, and why."""
    return f"{name[:60]} is left out: {why}"


def left_out_of(engine: Engine, page: Page) -> list[str]:
    """Return a sentence about each folder that cannot be used and whose name says that it is of this page."""
    found = []
    for name, why in engine.broken().items():
        with suppress(ValueError):  # a name that says nothing: the page Models lists it
            if tasks.get(CheckpointName.read(name).task).page.slug == page.slug:
                found.append(left_out(name, why))
    return found


def names_of(task: Task, parsed: Parsed) -> Names:
    """Return what the positions and tokens of an input are called."""
    tokens = task.encode(parsed)
    return Names(
        lambda at: task.place(tokens, at) if at < len(tokens) else position(at),
        task.token_name,
        lambda text: source_name(task, text),
    )


def source_name(task: Task, text: str) -> str:
    """Return what an input that a state is taken from is called: the name of an example, else the input itself."""
    parsed = parsed_by(task, text)
    written = text if parsed is None else parsed.text
    for name, example in task.examples:
        if task.parse(example).text == written:
            return f"the {task.terms.input} “{name}”"
    return f"the {task.terms.input} {written[:81]}"


def label(name: str, names: Names) -> str:
    """Write a checkpoint's name as people read it: sudoku9-tmlt~frozen → sudoku9-tmlt, timestep frozen at 0."""
    read = CheckpointName.read(name)
    if read.changes is None:
        return read.base
    many = read.changes.count(",") + 1
    return f"{read.base}, {many} changes" if many > 1 else f"{read.base}, {words(read.changes, *names)}"


def change_words(name: str, names: Names, model: LoopedModel) -> list[str]:
    """Return what is different in a variant of a model, one by one."""
    return listed_words(CheckpointName.read(name).parts, *names, model=model)


# ------------------------------------------------------------------------------------------------ loops


def bounded(engine: Engine, checkpoint: str, loops: Any, before: int) -> tuple[int, list[str]]:
    """Return a number of loops that this checkpoint can be run for, and what there is to say about it."""
    most = engine.most_loops(checkpoint)
    if loops == USUAL:
        return usual_loops(engine.checkpoint(checkpoint).model), []
    if isinstance(loops, int) and not isinstance(loops, bool) and 1 <= loops <= most:
        return loops, []
    passes = passes_of(engine.checkpoint(checkpoint).model)
    return min(before, most), [f"The number of {passes} must be a whole number from 1 to {most}; {before} is kept."]


def loops_asked(query: dict[str, str]) -> int | str:
    """Return what a link says of the number of loops, unchecked."""
    text = query.get("loops", USUAL)
    number = whole_number(text)
    return text if number is None else number


def loops_for(request: Request, checkpoint: str) -> Any:
    """Return what a request says of the number of loops, unchecked, for the checkpoint that reads its input.

    A number that was chosen for one checkpoint is not carried over to another, whose training had its own.
    """
    same = CheckpointName.read(request.checkpoint).base == CheckpointName.read(checkpoint).base
    return request.loops if same or request.link else USUAL


def whole_number(text: str) -> int | None:
    """Read a whole number of at most five digits; return None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def number_in(query: dict[str, str], option: str, most: int) -> int:
    """Return a number that a link names, at most `most`; `most` where it names none."""
    number = whole_number(query.get(option, ""))
    return most if number is None else min(number, most)


# ------------------------------------------------------------------------------------------------ first views


def first_view(engine: Engine, page: Page) -> Shown:
    """Return the first picture of a visitor who comes without a link.

    Raises ValueError when there is no checkpoint to show.
    """
    known, missing = checkpoints_of(engine, page), left_out_of(engine, page)
    if not known:
        raise ValueError(" ".join([page.no_checkpoint, *missing]))
    checkpoint, example = next((first for first in page.first if first[0] in known), (known[-1], None))
    shown = opening(engine, checkpoint, example)
    entry = task_of(engine, checkpoint).entry(shown.input)
    said = {"kind": "warning" if missing else "info", "text": " ".join([page.welcome, *missing])}
    return replace(shown, message=said, entry=entry)


def opening(engine: Engine, checkpoint: str, example: str | None = None) -> Shown:
    """Return a checkpoint on an example of its task: the first, when no name is given."""
    task = task_of(engine, checkpoint)
    text = dict(task.examples)[example] if example else task.examples[0][1]
    return Shown(task.parse(text), checkpoint, usual_loops(engine.checkpoint(checkpoint).model))


# ------------------------------------------------------------------------------------------------ the input


def parsed_by(task: Task, text: str) -> Parsed | None:
    """Return what a task makes of a text, None where it cannot read it."""
    try:
        return task.parse(text)
    except ValueError:
        return None


def read_by(task: Task, text: str) -> Parsed | None:
    """Return what a task makes of a text that is plainly one of its own inputs, None for any other."""
    try:
        reader, parsed = task.read(text)
    except ValueError:
        return None
    return parsed if reader == task.name else None


def unanswered_by(task: Task, text: str) -> NoAnswer | None:
    """Return what a task says of a text that is plainly one of its own inputs but has no answer, None for others."""
    try:
        task.parse(text)
    except NoAnswer as error:
        return error
    except ValueError:
        return None
    return None


def fitting(engine: Engine, page: Page, like: str) -> list[str]:
    """Return the checkpoints of a page, first those of the same kind of model as `like`, then as `rank` says.

    Of several kinds of a TMLT ("tmlt", "tmlt-unlike") the same comes first, then the others.
    """
    model = CheckpointName.read(like).model

    def apart(name: str) -> tuple[bool, bool, int]:
        other = CheckpointName.read(name).model
        return other != model, other.partition("-")[0] != model.partition("-")[0], rank(page, name)

    return sorted(checkpoints_of(engine, page), key=apart)


def rank(page: Page, checkpoint: str) -> int:
    """Return where the task of a checkpoint stands among those that a page shows first to a newcomer."""
    tasks_first = [CheckpointName.read(name).task for name, _ in page.first]
    task = CheckpointName.read(checkpoint).task
    return tasks_first.index(task) if task in tasks_first else len(tasks_first)


def example_for(engine: Engine, page: Page, checkpoint: str) -> Reading:
    """Return an example in place of an input from before that a newly chosen checkpoint does not read."""
    task = task_of(engine, checkpoint)
    note = page.here_is.format(checkpoint=checkpoint, task=task.name, own=task.form)
    return Reading(task.parse(task.examples[0][1]), checkpoint, [note])


def read_input(engine: Engine, page: Page, before: Shown, checkpoint: str, text: str) -> Reading | str:
    """Return what to run for a text and a checkpoint, or a sentence that says why the text cannot be run.

    A newly chosen checkpoint counts more than the input, which is then from before; otherwise the input chooses a
    checkpoint that reads it.
    """
    task = task_of(engine, checkpoint)
    chosen = task.name != task_of(engine, before.checkpoint).name
    reading = task if chosen or task.claims(text) else claimant(engine, page, checkpoint, text)
    try:
        reader, parsed = reading.read(text)
    except ValueError as error:
        return unread(engine, page, before, checkpoint, text, str(error))
    if reader == task.name:
        return Reading(parsed, checkpoint)
    if chosen:
        return example_for(engine, page, checkpoint)
    said = {"task": task.name, "own": task.form, "form": tasks.get(reader).form}
    for other in fitting(engine, page, checkpoint):
        if task_of(engine, other).name == reader:
            return Reading(parsed, other, [page.chose.format(checkpoint=other, **said)])
    return page.none_fits.format(checkpoint=checkpoint, **said)


def claimant(engine: Engine, page: Page, checkpoint: str, text: str) -> Task:
    """Return the task of the page, a newcomer's first, that a text looks like an input of; else the checkpoint's."""
    known = sorted(checkpoints_of(engine, page), key=lambda name: rank(page, name))
    tasks_here = [task_of(engine, name) for name in [*known, checkpoint]]
    return next((task for task in tasks_here if task.claims(text)), tasks_here[-1])


def unread(engine: Engine, page: Page, before: Shown, checkpoint: str, text: str, error: str) -> Reading:
    """Return what to run when the checkpoint's task does not read a text."""
    task = task_of(engine, checkpoint)
    chosen = task.name != task_of(engine, before.checkpoint).name
    if not chosen and not page.one_room:
        for other in fitting(engine, page, checkpoint):
            parsed = read_by(task_of(engine, other), text)
            if parsed is not None:
                form = task_of(engine, other).form
                note = page.chose.format(checkpoint=other, task=task.name, own=task.form, form=form)
                return Reading(parsed, other, [note])
    drawn = drawn_wrong(engine, page, before, checkpoint, text, error)
    if drawn is not None:
        return drawn
    error += elsewhere(engine, page, text)
    last = parsed_by(task, before.input.text)
    if last is not None:  # what was run goes on, with the checkpoint and the loops that were asked for
        if before.instead == "example":
            error += f" {example_words(checkpoint)}"
        return Reading(last, checkpoint, wrong=error, instead=before.instead)
    return example_for(engine, page, checkpoint)  # what is wrong with an input that it does not read no longer matters


def example_words(checkpoint: str) -> str:
    """Say that an example is run in the place of a wrong text."""
    return f"An example for {checkpoint} is shown instead."


def shows(task: Task, text: str) -> bool:
    """Return whether a task has a text as it stands: nothing is added or left out, and something is given in it."""
    parsed = read_by(task, text)
    return parsed is not None and not parsed.warnings and bool(task.clues(task.encode(parsed)).any())


def elsewhere(engine: Engine, page: Page, text: str) -> str:
    """Return in a sentence which other page reads a text, "" where none does, or where nothing is written."""
    if not text.strip(SEPARATORS):
        return ""  # though an empty prompt can be run, nobody has meant one
    for other in pages(engine).values():
        readers = checkpoints_of(engine, other) if other != page else []
        if any(shows(task_of(engine, name), text) for name in readers):
            return f" As it stands it is an input of the page {other.slug.capitalize()}."
    return ""


def drawn_wrong(engine: Engine, page: Page, before: Shown, checkpoint: str, text: str, error: str) -> Reading | None:
    """Return what to run beside a wrong input whose shape is right, so that it is drawn; None for any other text.

    That is the last good input if it has the same shape, else what can be run of the wrong one: also where the last run
    was of such a copy, for then no input of this shape was typed that could be run.
    """
    task, last = task_of(engine, checkpoint), task_of(engine, before.checkpoint)
    found = task.mend(text)
    if found is None:
        return None
    runs, entry = found
    reader, parsed = task.read(runs)
    if reader == task.name == last.name and before.instead != "copy":
        return Reading(before.input, checkpoint, wrong=error, entry=entry)
    if reader == task.name:
        return Reading(parsed, checkpoint, wrong=error, entry=entry, instead="copy")
    if task.name != last.name:
        return None  # another checkpoint was chosen, which does not read such inputs
    for other in fitting(engine, page, checkpoint):
        if task_of(engine, other).name == reader:
            return Reading(parsed, other, wrong=error, entry=entry, instead="copy")
    return None


# ------------------------------------------------------------------------------------------------ requests and links


def refused(now: Shown, text: str) -> Shown:
    """Return the last good picture, and in a sentence what is wrong."""
    return replace(now, message={"kind": "error", "text": text})


def compared_with(engine: Engine, page: Page, versus: str, checkpoint: str, names: Names) -> tuple[str, list[str]]:
    """Return the checkpoint to compare with, "" for none, and what there is to say about it."""
    if not versus:
        return versus, []
    why = trouble(engine, versus, page)
    if why is None and task_of(engine, versus).name != task_of(engine, checkpoint).name:
        why = page.misfit.format(label=label(versus, names))
    if why is None and versus == checkpoint:
        why = f"{label(versus, names)} beside itself shows nothing; choose another to compare with."
    return ("", [why]) if why else (versus, [])


def answer(engine: Engine, page: Page, before: Shown, request: Request) -> Shown:
    """Return what to show after a request.

    Bad input keeps the last good picture and says in a sentence what is wrong.
    """
    now = replace(before, number=request.number, message=None, entry=None)
    why = trouble(engine, request.checkpoint, page)
    if why is not None:
        return refused(now, why)
    if not isinstance(request.puzzle, str):
        return refused(now, f"The {page.face} did not arrive as text; reload the page.")
    reading = read_input(engine, page, before, request.checkpoint, request.puzzle)
    if isinstance(reading, str):
        return refused(now, reading)
    checkpoint, parsed = reading.checkpoint, reading.parsed
    names = names_of(task_of(engine, checkpoint), parsed)
    loops, about_loops = bounded(engine, checkpoint, loops_for(request, checkpoint), before.loops)
    versus, about_versus = compared_with(engine, page, request.versus or "", checkpoint, names)
    versus = versus if request.link else with_replaced(versus, checkpoint)
    said = reading.wrong or " ".join([*reading.notes, *parsed.warnings, *about_loops, *about_versus])
    return replace(
        now,
        input=parsed,
        checkpoint=checkpoint,
        loops=loops,
        versus=versus,
        message={"kind": "error" if reading.wrong else "warning", "text": said} if said else None,
        entry=reading.entry if reading.wrong else task_of(engine, checkpoint).entry(parsed),
        instead=reading.instead,
    )


def from_link(engine: Engine, page: Page, query: dict[str, str]) -> Shown:
    """Return the picture that a link asks for; what it leaves out is as a newcomer sees it."""
    first = first_view(engine, page)
    if not query.keys() & LINK_KEYS:
        return first
    if query.get("v", LINK_VERSION) != LINK_VERSION:
        said = f"This link was made by another version of Loopscope; the first {page.face} is shown."
        return refused(first, said)
    checkpoint = query.get("checkpoint") or reader(engine, page, query.get("puzzle", ""), first.checkpoint)
    why = trouble(engine, checkpoint, page)
    if why is not None:
        return wrong_name(engine, page, query, first.checkpoint, why)
    same = task_of(engine, checkpoint).name == task_of(engine, first.checkpoint).name
    base = opening(engine, checkpoint)
    base = replace(base, input=first.input) if same and page.one_room else base
    text = query.get("puzzle", base.input.text)
    if "entered" in query:
        text = task_of(engine, base.checkpoint).marked(text, query["entered"])
    request = Request(text, checkpoint, loops_asked(query), query.get("versus", ""), link=True)
    shown = answer(engine, page, base, request)
    if shown.message and refusal(shown):
        return wrong_link(engine, page, base, request, shown.message)
    return replace(shown, entry=task_of(engine, shown.checkpoint).entry(shown.input))


def reader(engine: Engine, page: Page, text: str, first: str) -> str:
    """Return the checkpoint with which a link shows a text without naming one.

    That is one that reads it, else one whose task knows that it has no answer, else `first`.
    """
    known = [first, *fitting(engine, page, first)] if text else [first]
    readings: list[Callable[[Task, str], Any]] = [read_by, unanswered_by]
    for reads in readings:
        for name in known:
            if reads(task_of(engine, name), text) is not None:
                return name
    return first


def wrong_name(engine: Engine, page: Page, query: dict[str, str], first: str, why: str) -> Shown:
    """Return the picture for a link whose checkpoint is wrong, with all else as the link has it; `why` says why.

    A change that cannot be made leaves the checkpoint without it; else it is one that reads the input.
    """
    name = CheckpointName.read(query["checkpoint"]).base
    if trouble(engine, name, page) is not None:
        name = reader(engine, page, query.get("puzzle", ""), first)
    shown = from_link(engine, page, query | {"checkpoint": name})
    also = f" {shown.message['text']}" if shown.message else ""
    return replace(shown, message={"kind": "error", "text": f"{why} {shown.checkpoint} is shown instead.{also}"})


def wrong_link(engine: Engine, page: Page, base: Shown, request: Request, message: Message) -> Shown:
    """Return the picture for a link whose input is wrong. What was typed is not lost where it can be mended.

    Where it cannot, an example takes its place; checkpoints and loops are those of the link.
    """
    mended = task_of(engine, request.checkpoint).mend(request.puzzle)
    if mended is not None:
        text, entry = mended
        copy = answer(engine, page, base, replace(request, puzzle=text))
        return replace(copy, message=message, entry=entry, instead="copy")
    shown = answer(engine, page, base, replace(request, puzzle=base.input.text))
    also = f" {shown.message['text']}" if shown.message else ""
    said = f"{message['text']} {example_words(shown.checkpoint)}{also}"
    shown = replace(shown, message={"kind": "error", "text": said})
    if page.free_text:
        return replace(shown, entry=request.puzzle[:LONGEST_ENTRY] or base.input.text, instead="example")
    return replace(shown, entry=task_of(engine, shown.checkpoint).entry(shown.input))


def pages(engine: Engine) -> dict[str, Page]:
    """Return the pages that some checkpoint is shown on, by slug."""
    found: dict[str, Page] = {}
    for name in engine.names():
        page = task_of(engine, name).page
        found.setdefault(page.slug, page)
    return found


def runs_of(engine: Engine, shown: Shown) -> list[ShownRun]:
    """Return the one or two runs of a view. A standard transformer beside a loop ends with its layers."""
    found = []
    for name in (shown.checkpoint, shown.versus):
        if name:
            checkpoint = engine.checkpoint(name)
            loops = min(shown.loops, engine.most_loops(name))
            task = checkpoint.task
            found.append(ShownRun(name, checkpoint, task.encode(shown.input), loops, task.beside(shown.input)))
    return found


def refusal(shown: Shown) -> str | None:
    """Return what is wrong with the request that a view answers, in one sentence; None when nothing is."""
    return shown.message["text"] if shown.message and shown.message["kind"] == "error" else None


def page_of(engine: Engine, query: dict[str, str], here: str = "") -> Page | None:
    """Return the page of a link's checkpoint, or without one of its input, `here` first; None where nothing says."""
    if "checkpoint" not in query:
        return page_reading(engine, query.get("puzzle", ""), here)
    base = CheckpointName.read(query["checkpoint"]).base  # whatever is wrong with a change, its page says
    for page in pages(engine).values():
        if trouble(engine, base, page) is None:
            return page
    return None


def page_reading(engine: Engine, text: str, here: str) -> Page | None:
    """Return the page of a task that reads a text, else can mend it, else knows that it has no answer; or None."""
    known = [task_of(engine, name) for name in engine.names()] if text.strip(SEPARATORS) else []
    known.sort(key=lambda task: task.page.slug != here)
    readings: list[Callable[[Task, str], Any]] = [read_by, lambda task, text: task.mend(text), unanswered_by]
    for reads in readings:
        for task in known:
            if reads(task, text) is not None:
                return task.page
    return None


def shown_by(engine: Engine, query: dict[str, str]) -> Shown:
    """Return what a link shows, whichever page it is of: its checkpoint or its input says, else it is the home page."""
    return from_link(engine, page_of(engine, query) or tasks.get(tasks.HOME).page, query)
