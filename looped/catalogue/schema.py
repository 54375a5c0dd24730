"""What a checkpoint's papers may hold: config.json, log.csv and README.md, checked once, when a folder is read.

Whatever is read of them afterwards (pages, tables, cards) is of the kind that is said here. "description" is what a
value must be, as it stands in the sentence about one that is not.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from looped.model.seam import OutputKind

HELD_OUT = "held_out_"  # and the loops: such a column of a log is the score of held-out inputs
LONGEST = 60  # characters of a wrong value that are shown

WORD = {"type": "string", "description": "a text"}
COUNT = {"type": "integer", "minimum": 0, "maximum": 2**53, "description": "a whole number from 0 on"}
SOME = {"type": "integer", "minimum": 1, "maximum": 2**53, "description": "a whole number of at least 1"}
NUMBER = {"type": "number", "description": "a number"}
SHARE = {"type": "number", "minimum": 0, "maximum": 1, "description": "a number from 0 to 1"}
YES_OR_NO = {"type": "boolean", "description": "true or false"}


def each(item: dict[str, Any], what: str, **more: Any) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": item, "description": f"a list of {what}", **more}


def of(fields: Mapping[str, Any], what: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the schema of an object, which may have other fields, too."""
    return {"type": "object", "properties": dict(fields), "required": list(required), "description": what}


ENDS = each(NUMBER, "two numbers", minItems=2, maxItems=2)
INTERVALS = each(ENDS, "pairs of numbers")
SHARES, COUNTS, NUMBERS = each(SHARE, "shares from 0 to 1"), each(COUNT, "whole numbers"), each(NUMBER, "numbers")
LOOPS = each(
    {"type": ["integer", "string"], "minimum": 1, "description": "a number of loops"}, "numbers of loops", minItems=1
)
TRIES = of(
    {
        "tries": SOME,
        "accuracy": SHARES,
        "interval": INTERVALS,
        "runs": COUNTS,
        "loops_run": COUNTS,
    },
    "what several runs of each input reach",
    ("tries", "accuracy", "interval", "runs", "loops_run"),
)
WAY = of(
    {"starts": WORD, "chosen": WORD, "accuracy": SHARE, "interval": ENDS, "loops_run": NUMBER},
    "a way to spend compute",
    ("starts", "chosen", "accuracy", "interval", "loops_run"),
)
WITH_WAYS = of(
    {"loops": SOME, "runs": SOME, "ways": each(WAY, "ways to spend compute")},
    "what more compute brings",
    ("loops", "runs", "ways"),
)
BY_LOOPS = {
    "accuracy": SHARES,
    "error": NUMBERS,
    "perplexity": NUMBERS,
    "interval": INTERVALS,
    "everywhere": SHARES,
    "lost": COUNTS,
    "blank": COUNTS,
    "residual": NUMBERS,
}
MEASURES = ("accuracy", "error", "perplexity")
SCORE = of(
    {
        "data": WORD,
        "n": SOME,
        "loops": LOOPS,
        "file": WORD,
        "set": WORD,
        "size": SOME,
        "chosen": YES_OR_NO,
        "distinct": COUNT,
        "classes": COUNT,
        "like_validation": COUNT,
        "near": of({"words": WORD, "n": COUNT}, "an object with words and n", ("words", "n")),
        "apart": of({"n": COUNT, "accuracy": SHARES}, "an object with n and accuracy", ("n", "accuracy")),
        "with_tries": TRIES,
        "with_ways": WITH_WAYS,
        **BY_LOOPS,
    },
    "a result of `python -m looped evaluate`",
    ("data", "n", "loops"),
)
SAMPLING = of(
    {"high": SOME, "targets": each(SOME, "two whole numbers", minItems=2, maxItems=2)}, "an object with a sampling"
)
PART = {
    "type": "array",
    "prefixItems": [COUNT, SAMPLING],
    "minItems": 2,
    "maxItems": 2,
    "description": "a pair of a count and a sampling",
}
STAGE = of(
    {"steps": COUNT, "mix": each(PART, "pairs of a count and a sampling")},
    "a stage of a recipe, with steps",
    ("steps",),
)
RECIPE = of({"stages": each(STAGE, "stages")}, "a recipe")
TRAINING = of({"steps": COUNT, "seconds": NUMBER, "device": WORD, "recipe": RECIPE}, "an object")
CONFIG = of(
    {
        "name": WORD,
        "task": WORD,
        "parameters": COUNT,
        "dtype": WORD,
        "scores": each(SCORE, "results of `python -m looped evaluate`"),
        "training": TRAINING,
    },
    "an object",
)
VALIDATOR = Draft202012Validator(CONFIG)


def wrong_config(info: dict[str, Any]) -> str | None:
    """Say in one sentence, without its subject's file, what is wrong with a config.json; None when nothing is.

    >>> wrong_config({"scores": "abc"})
    '"scores" is "abc"; it must be a list of results of `python -m looped evaluate`.'
    >>> wrong_config({"scores": [{"data": "x", "n": 9, "loops": [4, 8], "accuracy": [0.5]}]})
    '"scores", entry 1, "accuracy" has 1 values for 2 numbers of loops.'
    """
    found = best_match(VALIDATOR.iter_errors(info))
    if found is not None:
        return told(found)
    scores = info.get("scores", [])
    return next((f'"scores", entry {i}, {said}' for i, score in enumerate(scores, 1) if (said := unequal(score))), None)


def told(error: ValidationError) -> str:
    """Return the sentence about the first thing that does not fit."""
    path = error.absolute_path
    where = ", ".join(f"entry {part + 1}" if isinstance(part, int) else f'"{visible(part)}"' for part in path)
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return f'{where or "it"} lacks "{missing}".'
    return f"{where} is {shown(error.instance)}; it must be {error.schema['description']}."


def shown(value: Any) -> str:
    """Return the beginning of a value as JSON writes it."""
    text = json.dumps(value, ensure_ascii=False)
    return visible(text) if len(text) <= LONGEST else f"{visible(text)}…"


def visible(text: str) -> str:
    r"""Return the beginning of a text with escapes for what cannot be seen, among it what ends a line.

    >>> visible("a\u2028b")
    'a\\u2028b'
    """
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text[:LONGEST])


def unequal(score: dict[str, Any]) -> str | None:
    """Say what of a score has not a value for every number of loops, or no measure; None when all is right."""
    if not any(name in score for name in MEASURES):
        return f"has none of {', '.join(MEASURES)}."
    loops = len(score["loops"])
    given = {name: score[name] for name in BY_LOOPS if name in score}
    again = score.get("with_tries", {})
    given |= {f"with_tries, {name}": again[name] for name in ("accuracy", "interval", "runs", "loops_run") if again}
    for name, values in given.items():
        if len(values) != loops:
            return f'"{name}" has {len(values)} values for {loops} numbers of loops.'
    if not all(map(math.isfinite, score.get("accuracy", []))):
        return '"accuracy" holds what is no number.'
    return crossed(score)


def crossed(score: dict[str, Any]) -> str | None:
    """Say which interval of a score has its ends in the wrong order, or not among shares; None when all are right.

    >>> crossed({"accuracy": [0.5], "interval": [[1, 0]]})
    '"interval", entry 1 is [1, 0]; its first end must be the smaller one.'
    >>> crossed({"accuracy": [0.5], "interval": [[0.2, 7]]})
    '"interval", entry 1 is [0.2, 7]; the ends of an interval of shares are from 0 to 1.'
    """
    again, spent = score.get("with_tries", {}), score.get("with_ways", {})
    ways = [way["interval"] for way in spent.get("ways", [])]
    groups = [
        ('"interval"', score.get("interval", []), "accuracy" in score),
        ('"with_tries", "interval"', again.get("interval", []), True),
        ('"with_ways", "interval"', ways, True),
    ]
    for where, ends, of_shares in groups:
        for number, (low, high) in enumerate(ends, 1):
            said = f"{where}, entry {number} is {shown([low, high])}; "
            if not low <= high:
                return f"{said}its first end must be the smaller one."
            if of_shares and not (low >= 0 and high <= 1):
                return f"{said}the ends of an interval of shares are from 0 to 1."
    return None


def wrong_log(text: str, kind: OutputKind = "classes") -> str | None:
    r"""Say what is wrong with a log.csv of a model with this kind of output; None when it can be drawn.

    Its steps are whole numbers, and all else numbers that can be, or empty.

    >>> wrong_log("step,loss\n1,0.5\n2,abc\n")
    'line 3, "loss" is "abc"; it must be a number.'
    >>> wrong_log("step,held_out_8\n1,2.0\n")
    'line 2, "held_out_8" is "2.0"; it must be from 0 to 1.'
    """
    try:
        rows = csv.DictReader(io.StringIO(text), strict=True)
        for row in rows:
            for name, value in row.items():
                if not isinstance(name, str) or not isinstance(value, str):
                    return f"line {rows.line_num} has not as many fields as the first line names."
                if not value and name != "step":
                    continue
                where = f'line {rows.line_num}, "{visible(name)}" is {shown(value)}; it must be'
                number = _number(value, int if name == "step" else float)
                if number is None:
                    return f"{where} a {'whole ' if name == 'step' else ''}number."
                low, high = bounds(name, kind)
                if not low <= number <= high:
                    return f"{where} {'at least 0' if high == math.inf else f'from {low:g} to {high:g}'}."
    except csv.Error as error:
        return f"it cannot be read as CSV: {error}."
    return None if "step" in (rows.fieldnames or ["step"]) else 'it has no column called "step".'


def bounds(name: str, kind: OutputKind) -> tuple[float, float]:
    """Return between what the numbers of a column of a log are.

    A loss may be negative: what is added to it may be the logarithm of a change of states. So may the share of the
    variance that predicted numbers explain.
    """
    if name in ("step", "seconds") or (name.startswith(HELD_OUT) and kind != "classes"):
        return 0, math.inf
    if name.startswith(HELD_OUT) or (name == "asked" and kind != "numbers"):
        return 0, 1
    return (-math.inf, 1) if name == "asked" else (-math.inf, math.inf)


def _number(text: str, reads: Callable[[str], float]) -> float | None:
    try:
        number = reads(text)
    except ValueError:
        return None
    return None if isinstance(number, float) and math.isnan(number) else number
