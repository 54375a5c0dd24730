"""The words of a task: its terms, the sentences of its page, and names that several tasks use in theirs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Terms:
    """The task's own words, in the singular and the plural, for sentences of panels, charts and cards.

    Sentences are made with these words; a finished sentence is never translated. `at` is the preposition before the
    name of a place: "in row 5, column 5", "at letter 3 of the first word".
    """

    place: str = "position"
    places: str = "positions"
    token: str = "token"
    tokens: str = "tokens"
    asked: str = "answer"  # a place where something is asked: "blank"
    asked_many: str = "answers"
    clue: str = "clue"  # a place that an answer can rest on
    clues: str = "clues"
    hardest: str = "no clue to spare"  # of `sample_hardest`, behind "hard inputs: "
    input: str = "input"
    inputs: str = "inputs"
    face: str = "input"  # what the input is drawn as: "board"
    right: str = "right answer"  # "right board"
    small: str = "small drawing"  # one of several drawings of the face: "small board"
    at: str = "at"
    groups: str = "groups"  # what a place shares with others, behind "its own": "row, column and box"
    watched: str = (  # what the panel on attention by rule shows, in whole sentences
        "How much of the attention of all positions that are asked goes to what a person would look at. One small "
        "curve over the {loops} for each head; the dotted line is what attention spread evenly would give, so a curve "
        "far above it is a head that watches this. All curves have one scale. Click to set the clock."
    )
    judged: str = ""  # where the answer stands that makes an input right, behind "right", if not all do: ' behind “=”'
    counted: str = ""  # how places are counted from 0, behind "places are counted from 0 to N"


@dataclass(frozen=True)
class Page:
    """The page of the app that shows a task, and the sentences with which it answers requests.

    Sentences are templates. They may use {checkpoint}; {task} and {own}, the name and the form of the task that was
    asked for; and {form}, the form of the task that reads the input.
    """

    slug: str  # of the page's address, and the key "page" of its message
    first: tuple[tuple[str, str | None], ...]  # what a newcomer sees: checkpoints, each with the name of an example
    welcome: str
    no_checkpoint: str  # how to make one when there is none
    here_is: str  # a checkpoint was chosen that does not read the present input, so an example is shown
    chose: str  # an input was given that another checkpoint reads, so that one was chosen
    none_fits: str  # an input was given that no checkpoint reads
    misfit: str  # the checkpoint to compare with does another task; {label} is its name on screen
    face: str = "input"  # "The first {face} is shown", "The {face} did not arrive as text"
    free_text: bool = True  # a text field holds whatever was typed; False: only what the face can show
    one_room: bool = (
        False  # each task's `read` reads the inputs of all tasks of the page, and all their examples are offered
    )


@lru_cache(4096)  # every message of a board names its cells
def row_column(cell: int, columns: int) -> str:
    """Return the name of a cell of a grid, counted row by row from 0.

    >>> row_column(40, columns=9)
    'row 5, column 5'
    """
    return f"row {cell // columns + 1}, column {cell % columns + 1}"


def named_sign(sign: str) -> str:
    """Return a character as an error names it: with its Unicode name where it may look like another one.

    >>> named_sign("x"), named_sign("é"), named_sign(chr(0x200B))
    ("'x'", "'é' (LATIN SMALL LETTER E WITH ACUTE)", 'an invisible character (ZERO WIDTH SPACE)')
    """
    shown = f"'{sign}'" if sign.isprintable() else "an invisible character"
    if sign.isascii() and sign.isprintable():
        return shown
    return f"{shown} ({unicodedata.name(sign, f'U+{ord(sign):04X}')})"
