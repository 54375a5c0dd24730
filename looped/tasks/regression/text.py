"""Read prompts as text: rows of numbers, a CSV file, or what a sampled prompt is told.

0.5 1.2; -1 0.3; 2 ?              rows x1 … xd y, separated by ';' or line ends; a row whose y is '?' is a query
seed=7 examples=20 noise=0.3      a prompt sampled from a seed, of which the function is then known
seed=7 examples=20; 1 -1 ?        the same examples, and queries of one's own in place of those of the seed
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields, replace

from looped.tasks.regression.functions import WIDEST, Form
from looped.tasks.regression.prompts import GRID, MOST_EXAMPLES, Settings

LONGEST_TEXT = 40_000
LARGEST = 1000.0
"""The largest number of a row: a model has never seen such numbers, but an error in typing is larger still."""
DIGITS = 3
MOST_PLACES = 512
HEADER = re.compile(r"[^\W\d]\w*$")
FIELD = re.compile(r"\s*(?:[^\W\d]\w*|\?|[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?)\s*")  # of a table: one entry
SETTING = re.compile(r"([a-z]+)\s*=\s*([^\s,;]+)")
LARGEST_SEED = 2**32 - 1
Row = tuple[float, ...]


@dataclass(frozen=True)
class Prompt:
    """A prompt that was read."""

    text: str
    examples: tuple[Row, ...] = ()  # (x1, …, xd, y); none of a sampled prompt, which follows from its seed
    queries: tuple[Row, ...] = ()  # (x1, …, xd); of a sampled prompt those that take the place of its own
    seed: int = 0
    settings: Settings | None = None  # None: the points were typed
    warnings: tuple[str, ...] = ()


def read(text: str, form: Form) -> Prompt:
    """Read a prompt of a task. Raises ValueError with one sentence that says what is wrong and what to do."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"The text has {len(text):,} characters; a prompt has at most {LONGEST_TEXT:,}.")
    text = text.strip("\ufeff \n\r\t;")
    if "=" not in text:
        return read_rows(text, form)
    parts = re.split("[;\n\r]+", text)
    asked = [part for part in parts if "=" not in part and part.rstrip(" \t,").endswith("?")]
    sampled = read_settings("; ".join(part for part in parts if part not in asked), form)
    return asking(sampled, read_rows(";".join(asked), form)) if asked else sampled


def asking(sampled: Prompt, typed: Prompt) -> Prompt:
    """Return a sampled prompt with the queries of a typed one. Raises ValueError for more rows than a prompt has."""
    many = sampled.settings.examples if sampled.settings else 0
    if many + len(typed.queries) > MOST_PLACES:
        raise ValueError(
            f"There are {many} examples and {len(typed.queries)} queries; a prompt has at most {MOST_PLACES} rows in "
            "all."
        )
    return replace(sampled, text=f"{sampled.text}; {typed.text}", queries=typed.queries, warnings=typed.warnings)


def read_settings(text: str, form: Form) -> Prompt:
    """Read `seed=7 examples=20 noise=0.3`."""
    kinds = {field.name: str(field.type) for field in fields(Settings)}
    if form.family != "linear":
        del kinds["nonzero"]
    if form.family != "curve":
        del kinds["curve"]
    left = SETTING.sub("", text).strip(" ,;\n\t")
    if left:
        raise ValueError(f"{left[:40]!r} is not a setting; write settings as in seed=7 examples=20.")
    given: dict[str, int | float | str] = {}
    for name, value in SETTING.findall(text):
        if name != "seed" and name not in kinds:
            known = ", ".join(["seed", *kinds])
            raise ValueError(f"{name!r} is not a setting of a prompt; there are {known}.")
        given[name] = value if kinds.get(name) == "str" else number(name, value, kinds.get(name) == "float")
    seed = int(given.pop("seed", 0))
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"seed is {seed}; it must be from 0 to {LARGEST_SEED:,}.")
    settings = Settings.of(form, given)
    return Prompt(f"seed={seed} {settings.written()}", seed=seed, settings=settings)


def number(name: str, value: str, real: bool) -> float | int:
    """Read the value of a setting: a real or a whole number. Raises ValueError with one sentence."""
    try:
        found = float(value) if real else int(value)
    except ValueError as error:
        raise ValueError(f"{name} is {value[:20]!r}; it must be a {'' if real else 'whole '}number.") from error
    if not math.isfinite(float(value)):  # of the text: a whole number may be too large for a float
        raise ValueError(f"{name} is {value[:20]!r}; it must be a number.")
    return found


def read_rows(text: str, form: Form) -> Prompt:
    """Read rows `x1 … xd y`, and as queries rows whose y is '?'."""
    lines = [line for line in re.split(r"[;\n\r]+", table_of(text, form)) if line.strip(" \t,")]
    rows = [[part for part in re.split(r"[\s,]+", line) if part] for line in lines]
    xs = "x" if form.dims == 1 else f"{form.dims} of x"
    if rows and all(HEADER.match(part) for part in rows[0]):
        if len(rows) == 1 or len(rows[0]) != form.dims + 1:
            raise ValueError(
                f"{text[:40]!r} is no prompt: write rows of numbers, {xs} and then y, or settings as in "
                "seed=7 examples=20."
            )
        rows = rows[1:]
    examples: list[Row] = []
    queries: list[Row] = []
    for count, row in enumerate(rows, start=1):
        if len(row) != form.dims + 1:
            raise ValueError(
                f"Row {count} has {len(row)} number{'s' if len(row) != 1 else ''}; this model reads {xs}, then y, or "
                "'?' in its place."
            )
        asked = row[-1] == "?"
        values = tuple(cell(part, count) for part in row[: form.dims + (not asked)])
        (queries if asked else examples).append(values)
    if len(examples) > MOST_EXAMPLES or len(rows) > MOST_PLACES:
        raise ValueError(
            f"There are {len(examples)} examples and {len(queries)} queries; a prompt has at most {MOST_EXAMPLES} "
            f"examples, and {MOST_PLACES} rows in all."
        )
    if not queries and form.dims not in GRID:
        raise ValueError("Nothing is asked: add rows whose y is '?', or write seed=7 examples=20 for a sampled prompt.")
    beyond = beyond_training(examples, [*(row[:-1] for row in examples), *queries], form)
    return Prompt(written(examples, queries), tuple(examples), tuple(queries), warnings=beyond)


def beyond_training(examples: list[Row], places: list[Row], form: Form) -> tuple[str, ...]:
    """Return sentences about typed rows that training had no like of; `places` are the x of all rows.

    >>> beyond_training([(3.0, 4.0)], [(3.0,)], Form("curve", 1, 20, points="even"))
    ('Training used x from -2 to 2; x = 3 is beyond that.',)
    """
    found = []
    numbers = [(value, "x" if form.dims == 1 else f"x{k}") for row in places for k, value in enumerate(row, start=1)]
    value, name = max(numbers, key=lambda one: abs(one[0]), default=(0.0, ""))
    if form.points == "even" and abs(value) > WIDEST:
        found.append(f"Training used x from {-WIDEST:g} to {WIDEST:g}; {name} = {value:g} is beyond that.")
    strange = next(((value, name) for value, name in numbers if abs(value) != 1), None)
    if form.points == "signs" and strange is not None:
        found.append(f"Training used no x but 1 and -1; {strange[1]} = {strange[0]:g} is beyond that.")
    if len(examples) > form.most:
        found.append(f"Training used at most {form.most} examples; {len(examples)} are beyond that.")
    return tuple(found)


def table_of(text: str, form: Form) -> str:
    """Return the text of a table whose columns are parted by ';', with commas between them; other text as it is.

    Spreadsheets write such tables where numbers have a decimal comma. It is one where there are several lines, each of
    as many entries between ';' as a row has numbers: a row "x y" between two ';' would be more than one entry.

    >>> table_of("x;y\\n0,5;1,25\\n2;?", Form("curve", 1, 20)).splitlines()
    ['x,y', '0.5,1.25', '2,?']
    """
    table = [line.split(";") for line in text.splitlines() if line.strip()]
    if len(table) < 2 or any(len(row) != form.dims + 1 or not all(map(FIELD.fullmatch, row)) for row in table):
        return text
    return "\n".join(",".join(entry.replace(",", ".") for entry in row) for row in table)


def answers_of(text: str) -> list[float]:
    """Read the true y of queries: numbers with spaces, commas or semicolons between; none of an empty text.

    Raises ValueError with one sentence for what is no finite number.
    """
    found = []
    for part in re.split(r"[\s,;]+", text.strip(" \t,;")):
        if part:
            found.append(float(number("answers", part, real=True)))
    return found


def cell(part: str, row: int) -> float:
    """Read one number of a row, rounded to DIGITS. Raises ValueError with one sentence."""
    try:
        value = float(part)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise ValueError(f"Row {row} holds {part[:20]!r}; numbers go from {-LARGEST:g} to {LARGEST:g}, '?' asks for y.")
    return round(value, DIGITS) + 0.0


def written(examples: list[Row], queries: list[Row]) -> str:
    """Write rows as `read` reads them.

    >>> written([(0.5, 1.25)], [(2.0,)])
    '0.5 1.25; 2 ?'
    """
    rows = [" ".join(f"{value:.7g}" for value in row) for row in examples]
    rows += [" ".join([*(f"{value:.7g}" for value in row), "?"]) for row in queries]
    return "; ".join(rows)
