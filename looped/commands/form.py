"""What all commands share: how arguments are read, which checkpoints are known, and how a result is printed."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEPT = 60  # characters of one word that is too long for a sentence
LONG = re.compile(r"[^\s/\\]{200,}")  # such a word; a path is none


class Parser(argparse.ArgumentParser):
    """Report a wrong command line as every other wrong input is reported: in one line."""

    def error(self, message: str) -> Any:
        """Print the message as one line on stderr and exit with status 2."""
        self.exit(2, f"looped: {shortened(message)}\n")


def shortened(message: str) -> str:
    """Cut what was typed where it is too long for a sentence.

    >>> shortened("'" + "9" * 5000 + "' is not a number")[:70]
    "'99999999999999999999999999999999999999999999999999999999999… is not a"
    """
    return LONG.sub(lambda found: f"{found[0][:KEPT]}…", message)


class Commands:
    """The commands of a parser. Every one has --json and knows the function that runs it."""

    def __init__(self, top: Parser) -> None:
        self.added = top.add_subparsers(required=True, metavar="COMMAND")

    def command(self, name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        """Add a command and return its parser."""
        sub: argparse.ArgumentParser = self.added.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        sub.add_argument(
            "--checkpoints",
            type=shelf,
            metavar="DIR",
            help="the folder whose checkpoints are known by name; default: LOOPSCOPE_CHECKPOINTS, else those shipped",
        )
        sub.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        return sub


@contextmanager
def known(folder: Path | None) -> Iterator[None]:
    """Let a command know the checkpoints of a folder by name, where one is given."""
    if folder is None:
        yield
        return
    from looped.catalogue import checkpoints

    before, checkpoints.CATALOGUE = checkpoints.CATALOGUE, folder
    try:
        yield
    finally:
        checkpoints.CATALOGUE = before


def emit(result: dict[str, Any], as_json: bool, text: str) -> None:
    """Print the last thing on stdout: one JSON object, or the same in words."""
    print(json.dumps(plain(result), allow_nan=False) if as_json else text)


def plain(value: Any) -> Any:
    """Return what JSON can write: null stands for numbers that are none (NaN, infinite).

    >>> plain({"error": [0.5, float("inf")], "n": (1, float("nan"))})
    {'error': [0.5, None], 'n': [1, None]}
    """
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def loop_list(text: str) -> list[int | str]:
    """Read `16,32,64`, or `needed+2,2*longest` for tasks that know how many loops an input needs; each once."""
    from looped.catalogue.evaluate import MOST_LOOPS, LoopCount

    counts: list[int | str] = []
    for part in map(str.strip, text.split(",")):
        if re.fullmatch("[0-9]+", part):
            digits = part.lstrip("0") or "0"
            if len(digits) > len(str(MOST_LOOPS)) or int(digits) > MOST_LOOPS:
                said = f"{int(digits):,}" if len(digits) < 16 else digits  # int() reads no text of any length
                raise argparse.ArgumentTypeError(f"{said} loops would take too long; at most {MOST_LOOPS:,} are run")
            counts.append(int(part))
        else:
            counts.append(part)
    try:
        found = [LoopCount.read(count) for count in counts]
    except ValueError:
        found = []
    if not found or min(count.factor + count.more for count in found) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers of at least 1, like 16,32,64")
    told = [count if isinstance(count, int) else str(read) for count, read in zip(counts, found, strict=True)]
    return list(dict.fromkeys(told))


def whole_number(text: str) -> int:
    """Return a whole number that is written in at most twelve of the digits 0 to 9; -1 for any other text.

    >>> whole_number("12"), whole_number("²"), whole_number("9" * 5000)
    (12, -1, -1)
    """
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else -1


def plural(count: int | str, one: str, many: str | None = None) -> str:
    """Return a number with its noun; a text such as "needed+2" is no 1.

    >>> plural(1, "class", "classes"), plural(1200, "run"), plural("needed+2", "loop")
    ('1 class', '1,200 runs', 'needed+2 loops')
    """
    number = f"{count:,}" if isinstance(count, int) else count
    return f"{number} {one if number == '1' else many or one + 's'}"


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    if whole_number(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return whole_number(text)


def index(text: str) -> int:
    """Read a whole number from 0 on."""
    if whole_number(text) < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return whole_number(text)


def shelf(text: str) -> Path:
    """Read the name of a folder of checkpoints."""
    if not os.path.isdir(text):  # which is False, too, for a name that no folder can have
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return Path(text)


def duration(text: str) -> float:
    """Read a number of minutes."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1
    if not minutes >= 0:  # NaN is not either
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes")
    return minutes
