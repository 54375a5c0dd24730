"""The inputs that a checkpoint is evaluated on: those of a file, or held-out ones that are generated from a seed."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, samplings_of
from looped.places import input_file, resource
from looped.tasks.protocol import HARDEST, LENGTHS, SIZES

HELD_OUT_SEED = 2410_01405  # of the generated inputs that are evaluated on when no file is given: validation
TEST_SEED = 2311_12424  # of those that no recipe, no length of training and no checkpoint was chosen on: test
NUL = "\0"
MOST_WRONG = 10  # lines of a file that cannot be read before reading ends
OTHER_SEPARATORS = {";": "a semicolon", "\t": "a tab"}  # of columns, in place of commas
LONG = 512  # positions of inputs of which fewer are generated


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a checkpoint is evaluated on."""

    tokens: np.ndarray  # (count, positions)
    answers: np.ndarray | None  # (count, positions) where they are known
    source: dict[str, Any]  # the entries of the result that say where they are from
    numbers: Sequence[int]  # what each is called: its line in a file, else its number from 1
    untold: int | None = None  # the first line of a file that does not tell the answers


class Drawn(NamedTuple):
    """Inputs that a question runs, and the words by which anybody can have the same."""

    tokens: np.ndarray  # (count, positions)
    answers: np.ndarray | None  # (count, positions) where they are known
    data: str  # what kind they are, with their seed or file: for a sentence
    inputs: str  # how many of what, from where: for a table


def held_out(checkpoint: Checkpoint, count: int, seed: int) -> Drawn:
    """Generate held-out inputs, those of `evaluate --limit COUNT --seed SEED`."""
    made = generated(checkpoint, count, None, seed)
    words = made.source["data"]
    return Drawn(made.tokens, made.answers, words.removeprefix(_held_out(checkpoint.task)), f"{count} {words}")


def hardest(task: tasks.Task, count: int, seed: int) -> Drawn:
    """Generate the hardest held-out inputs, those of `evaluate --hardest --limit COUNT --seed SEED`."""
    data = f"{task.terms.hardest}, seed {seed}"
    return Drawn(task.sample_hardest(count, seed), None, data, f"{count} {_held_out(task)}{data}")


def hardest_known(task: tasks.Task, count: int, seed: int, limit: int | None = None) -> Drawn:
    """Return the hardest inputs of the task's file, at most `limit`; of a task without one so many generated ones."""
    file = task.hardest_file()
    if file is None:
        return hardest(task, count, seed)
    tokens = read_puzzles(resource(f"assets/{file}"), task, limit)
    hard = task.terms.hardest
    return Drawn(tokens, None, f"{hard}, {file}", f"the first {len(tokens)} {task.things} of {file}, {hard}")


def generated_words(task: tasks.Task, splits: Mapping[str, Any], seed: int) -> str:
    """Say what generated held-out inputs are; splits: the keywords by which training split them."""
    way = "".join(f", split by their {value}" for value in splits.values())
    return f"{_held_out(task)}{task.usual}{way}, seed {seed}"


def _held_out(task: tasks.Task) -> str:
    return f"generated held-out {task.things}, "


def evaluated_inputs(
    checkpoint: Checkpoint,
    data: str | None,
    limit: int | None,
    size: int | None,
    test: bool = False,
    seed: int | None = None,
    hard: bool = False,
) -> Inputs:
    """Return the inputs of a file, or generated ones; of the test set with how many are like one of validation."""
    task = checkpoint.task
    if data is not None and (hard or seed is not None):
        raise ValueError("a file brings inputs of its own; leave out --hardest and --seed, or --data.")
    if test and seed is not None:
        raise ValueError("the test set has a seed of its own; leave out --seed, or --test.")
    if data is not None:
        if test:
            raise ValueError("the test set is generated; leave out --test, or --data.")
        if size is not None:
            raise ValueError("a file brings inputs of its own sizes; leave out --size, or --data.")
        read = read_inputs(input_file(data), task, limit)
        source: dict[str, Any] = {"data": Path(data).name, "file": Path(data).as_posix()}
        source |= {"notes": read.notes} if read.notes else {}
        return Inputs(read.tokens, read.answers, source, read.lines, read.untold)
    count = limit or (1000 if task.length <= LONG else 200)
    seed = seed if seed is not None else TEST_SEED if test else HELD_OUT_SEED
    if hard:
        if HARDEST not in task.offers:
            raise ValueError(f"{task.name} has no hardest inputs; leave out --hardest.")
        if size is not None:
            raise ValueError("the hardest inputs have one size; leave out --size.")
        drawn = hardest(task, count, seed)
        source = {"data": drawn.inputs.removeprefix(f"{count} "), "hardest": True}
        made = Inputs(drawn.tokens, None, source, range(1, count + 1))
    else:
        made = generated(checkpoint, count, size, seed)
    if test:
        others = hardest(task, count, HELD_OUT_SEED) if hard else generated(checkpoint, count, size, HELD_OUT_SEED)
        shared = repeated(task, made.tokens, others.tokens)
        made.source.update({"set": "test", "like_validation": shared})
    return made


def generated(checkpoint: Checkpoint, count: int, size: int | None, seed: int) -> Inputs:
    """Return generated held-out inputs of a seed."""
    task = checkpoint.task
    if size is None:
        splits = splitting(checkpoint)
        tokens, answers = task.sample(count, seed=seed, split="held-out", **splits)
        source: dict[str, Any] = {"data": generated_words(task, splits, seed)}
        return Inputs(tokens, answers, source, range(1, count + 1))
    if SIZES in task.offers:
        sampling = task.of_size(size)
        tokens, answers = task.sample(count, seed=seed, split="held-out", **sampling)
        words = f"generated held-out {task.things}, {task.describe_sampling(sampling)}, seed {seed}"
        return Inputs(tokens, answers, {"data": words, "size": size}, range(1, count + 1))
    if LENGTHS not in task.offers:
        raise ValueError(f"the {task.things} of {task.name} have one size; leave out --size.")
    source = {"data": f"generated held-out {task.things} of size {size}, seed {seed}", "size": size}
    return Inputs(task.sample_length(count, seed, size, size), None, source, range(1, count + 1))


def repeated(task: tasks.Task, tokens: np.ndarray, others: np.ndarray) -> int:
    """Return how many inputs (count, positions) are among others, or of the class of one under symmetries."""
    both = np.concatenate([tokens, others])
    classes = task.classes(both)
    if classes is None:
        classes = np.unique(both, axis=0, return_inverse=True)[1].reshape(-1)
    return int(np.isin(classes[: len(tokens)], classes[len(tokens) :]).sum())


def splitting(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the keywords of `sample` by which the training of a checkpoint split inputs; {} for the usual split.

    Raises ValueError where stages of training split them in several ways: then nothing is held out.
    """
    splits = checkpoint.task.splits
    ways = [{name: sampling[name] for name in splits if name in sampling} for sampling in samplings_of(checkpoint.info)]
    if any(way != ways[0] for way in ways):
        raise ValueError(f"{checkpoint.name} was trained on inputs that were split in several ways; give a file.")
    return ways[0] if ways else {}


@dataclass(frozen=True, eq=False)
class FileInputs:
    """The inputs of a file."""

    tokens: np.ndarray  # (count, length)
    lines: list[int]  # where each stands in the file, from 1
    notes: dict[str, list[int]]  # sentences about inputs, such as that a board has several solutions, and their lines
    answers: np.ndarray | None = None  # (count, positions) where the file tells them of every input
    untold: int | None = None  # the first line whose answers it does not tell
    names: list[str] = field(default_factory=list)  # what each is called in the file, "" for one without a name


class Line(NamedTuple):
    """An input of a file, as its line has it."""

    number: int  # from 1
    text: str
    answers: str = ""  # that the line tells
    name: str = ""


def read_puzzles(file: Path, task: tasks.Task, limit: int | None = None) -> np.ndarray:
    """Read the inputs of a file as tokens (count, length); see `read_inputs`."""
    return read_inputs(file, task, limit).tokens


def read_inputs(file: Path, task: tasks.Task, limit: int | None = None) -> FileInputs:
    """Read the inputs of a file.

    The file is CSV with the task's columns, or a table of inputs that the page saved, or has one input a line; empty
    lines and those that begin with `task.comment` are skipped. A column `name` says what inputs are called. Raises
    ValueError that names the line of the first input that is not one.
    """
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        text = NUL
    if NUL in text:  # which only other encodings have
        raise ValueError(f"{file} cannot be read as text in UTF-8; save it so.")
    lines = text.splitlines()
    return read_lines(lines, task, file, limit)


def read_lines(lines: list[str], task: tasks.Task, file: Path | str, limit: int | None = None) -> FileInputs:
    """Read inputs from the lines of a file, which is called `file` in sentences; see `read_inputs`."""
    one, *more = task.columns
    named = f"CSV columns called {', '.join(task.columns)}" if more else f"a CSV column called {one}"
    inputs, hint = rows_of(lines, task, file, named)
    separated = separator_words(lines, inputs, task)
    if separated:
        raise ValueError(f"{file}, {separated}; separate columns with commas. The file needs {named}.")
    if not inputs:
        raise ValueError(
            f"{file} holds no {'input' if more else one}; it needs {named}, or one {'input' if more else one} a line."
        )
    tokens: list[np.ndarray] = []
    answers: list[np.ndarray | None] = []
    notes: dict[str, list[int]] = {}
    wrong: dict[int, str] = {}  # what is wrong with lines, by number
    for number, text, beside, _ in inputs[:limit]:
        try:
            parsed = task.parse(text)
            tokens.append(task.encode(parsed))
            answers.append(task.told_answers(parsed, beside))
        except ValueError as error:
            wrong[number] = f"{within_line(error)}{hint}"
            if len(wrong) == MOST_WRONG:
                break
            continue
        if size_of(task, tokens[-1]) != size_of(task, tokens[0]):
            raise ValueError(
                f"{file}, line {number}: the input has another size than the first; give each size its own file."
            )
        nothing = f"There is no {task.terms.asked}: nothing was asked, and it counts as right."
        for sentence in (*parsed.warnings, *(() if task.asked(tokens[-1]).any() else (nothing,))):
            notes.setdefault(sentence, []).append(number)
    if wrong:
        raise ValueError(f"{file}, {wrong_words(wrong)} {task.in_a_line}".rstrip())
    numbers = [line.number for line in inputs[:limit]]
    names = [line.name for line in inputs[:limit]]
    untold = next((number for number, known in zip(numbers, answers, strict=True) if known is None), None)
    told = None if untold is not None else np.stack([known for known in answers if known is not None])
    return FileInputs(np.stack(tokens), numbers, notes, told, untold, names)


def within_line(error: ValueError) -> str:
    """Return what is wrong with one line of a file, without the number that the line has in the input alone.

    >>> within_line(ValueError("Line 1, column 18 holds 'x'."))
    "Column 18 holds 'x'."
    """
    return re.sub(r"^Line 1, column ", "Column ", str(error))


def separator_words(lines: list[str], inputs: list[Line], task: tasks.Task) -> str | None:
    """Say where columns are separated with another sign than a comma, None where nothing shows that.

    They are where the first line names the task's columns with such a sign between them or behind them, or where an
    input stands before the first such sign of a line; inputs that hold the sign themselves have none before it.
    """
    for sign, name in OTHER_SEPARATORS.items():
        columns = {column.strip(' "').lower() for column in lines[0].split(sign)} if lines else set()
        if len(columns) > 1 and {*task.columns} <= columns:
            return f"line 1: {name} stands between its columns"
        for number, text, *_ in inputs:
            before, found, _ = text.partition(sign)
            if found and readable(task, before):
                return f"line {number}: {name} stands behind an input"
    return None


def readable(task: tasks.Task, text: str) -> bool:
    """Return whether a text is an input of a task."""
    try:
        task.parse(text)
    except ValueError:
        return False
    return True


def wrong_words(wrong: dict[int, str]) -> str:
    """Say what is wrong with the first of some lines, and which others cannot be read; at most MOST_WRONG are known.

    >>> wrong_words({3: "It is empty.", 6: "It is long.", 9: "It is empty."})
    'line 3: It is empty. Nor can lines 6 and 9 be read.'
    """
    (first, sentence), *others = wrong.items()
    if not others:
        return f"line {first}: {sentence}"
    *some, last = (str(number) for number, _ in others)
    names = f"lines {', '.join(some)} and {last}" if some else f"line {last}"
    further = ", and perhaps more," if len(wrong) == MOST_WRONG else ""
    return f"line {first}: {sentence} Nor can {names}{further} be read."


def names_columns(lines: list[str], columns: list[str], task: tasks.Task, file: Path | str) -> bool:
    """Return whether the first line of a file names columns, and is no input.

    It names one of the task's, or the file is called .csv and has several columns of words: two words with a comma
    between them could be either.
    """
    if len(columns) < 2 or lines[0].lstrip().startswith(task.comment):
        return False
    words = all(any(sign.isalpha() for sign in name) for name in columns)
    return bool({*task.columns} & {*columns}) or (words and Path(file).suffix.lower() == ".csv")


def is_header(text: str, task: tasks.Task) -> bool:
    """Return whether the first line of a file can only be names of columns.

    It is no input then, but words between commas, none of which is of one letter.
    """
    names = (name.strip(' "') for name in text.split(","))
    return all(re.fullmatch(r"[^\W\d][\w -]+", name) for name in names) and not readable(task, text)


def size_of(task: tasks.Task, tokens: np.ndarray) -> tuple[int, ...]:
    """Return what all inputs of one array have in common: positions, and of vectors how many of them are given."""
    return (len(tokens), int(task.clues(tokens).sum())) if task.input_kind == "vectors" else (len(tokens),)


def saved_table(columns: list[str], task: tasks.Task) -> bool:
    """Return whether these are columns of a table of inputs as the page saves it: a line for each input and run."""
    return {task.terms.input, "checkpoint"} <= {*columns}


def rows_of(lines: list[str], task: tasks.Task, file: Path | str, named: str) -> tuple[list[Line], str]:
    """Return the inputs of a file as its lines have them; and a hint about columns.

    named: the columns that are needed, in words. Raises ValueError for a first line that names other columns, or can be
    nothing else but names.
    """
    columns = [name.strip(' "').lower() for name in lines[0].split(",")] if lines else []
    saved = saved_table(columns, task)
    told = saved or {*task.columns} <= {*columns}
    if not told and names_columns(lines, columns, task, file):
        raise ValueError(f"{file}, line 1: it names the columns {', '.join(columns)[:80]}; the file needs {named}.")
    if len(columns) > 1 and told:
        try:
            return named_rows(lines, columns, task), ""
        except csv.Error as error:
            raise ValueError(f"{file} cannot be read as CSV: {error}.") from error
    skip = (task.comment, task.columns[0])
    inputs = [
        Line(i, line) for i, line in enumerate(lines, 1) if line.strip() and not line.strip().lower().startswith(skip)
    ]
    if inputs and is_header(inputs[0].text, task):
        number, text, *_ = inputs[0]
        way = "input" if len(task.columns) > 1 else task.columns[0]
        taken = "the names of columns" if "," in text else "the name of a column"
        raise ValueError(
            f"{file}, line {number}: {text.strip()[:80]!r} is no {way}, so it is taken for {taken}; the file needs "
            f"{named}, or one {way} a line."
        )
    if len(columns) > len(task.columns):
        return inputs, f" With several columns the first line of a file must name them; it needs {named}."
    return inputs, ""


def named_rows(lines: list[str], columns: list[str], task: tasks.Task) -> list[Line]:
    """Return the inputs of a CSV file whose first line names its columns. Raises csv.Error.

    A table that the page saved has a line for each run of an input; the first of them is taken.
    """
    rows = csv.DictReader(lines[1:], columns)
    inputs = task.columns if {*task.columns} <= {*columns} else (task.terms.input,)
    found: list[Line] = []
    for row in rows:
        text = ", ".join(row[name] or "" for name in inputs)
        name = (row.get("name") or "").strip()
        if saved_table(columns, task) and found and (found[-1].text, found[-1].name) == (text, name):
            continue
        found.append(Line(rows.line_num + 1, text, row.get(task.answer_column) or "", name))
    return found
