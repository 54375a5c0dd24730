"""The task seam: what is particular to a task, as training, lenses, pages, cards and exports ask for it.

No other room asks what kind a task is. A room uses the members of `Task` below; what only some tasks have is named by
`Task.offers`, as the capabilities of a model are, and `looped.tasks.base.Base` answers for the tasks that lack it.

Words used here:

    position   an entry of the sequence that the model reads; tokens are (…, positions) whole numbers
    place      what a person sees as one thing: a cell of a board, a letter of a word. Usually a place is one position,
               but a net with one token for every candidate digit has several positions for each place
    parsed     what `parse` made of a text; `parsed.text` is how it is written, `parsed.warnings` are sentences about it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from looped.tasks.charting import Chart, Seen, layer_names
from looped.tasks.wording import Page, Terms

__all__ = [
    "FUNCTIONS",
    "HARDEST",
    "LENGTHS",
    "LOOPS_NEEDED",
    "OFFERS",
    "PROBE_LABELS",
    "PROBE_NUMBERS",
    "SIZES",
    "SYMMETRIES",
    "TABLE",
    "CardWords",
    "Chart",
    "Entries",
    "Layout",
    "NearTraining",
    "NoAnswer",
    "Page",
    "Parsed",
    "Rules",
    "Seen",
    "Shift",
    "Symmetries",
    "Task",
    "Terms",
    "layer_names",
]

Rules = dict[str, np.ndarray]
"""Name of a rule → bool (positions, positions), or (loops, positions, positions) where it depends on the answers."""

# What only some tasks have. A question or panel that needs one of them is not offered for the other tasks.
SYMMETRIES = "symmetries"  # `symmetries`: ways to write an input so that its meaning stays
PROBE_LABELS = "probe labels"  # `probe_labels`: what a probe may expect a state to hold
PROBE_NUMBERS = "numbers for probes"  # `probe_numbers`: real numbers that a state may hold
TABLE = "table"  # `table_entries`: a table of dynamic programming, each entry of which belongs to two positions
LENGTHS = "lengths"  # `lengths` and `sample_length`: inputs of a chosen length
LOOPS_NEEDED = "loops needed"  # `loops_needed`: the least number of loops that solves an input
SIZES = "sizes of prompts"  # `sizes`, `of_size`, `shifts`, `method_errors`, `method_predictions`: answers are real
FUNCTIONS = "examples of a function"  # an input holds points of a function with their values, and asks for others
HARDEST = "hardest inputs"  # `sample_hardest`, and perhaps `hardest_file`
ONE_ANSWER = "one right answer"  # `targets` of an input that was made are the only right ones
OFFERS = (SYMMETRIES, PROBE_LABELS, PROBE_NUMBERS, TABLE, LENGTHS, LOOPS_NEEDED, SIZES, FUNCTIONS, HARDEST, ONE_ANSWER)


class NoAnswer(ValueError):
    """A text is plainly an input of the task, but it has no answer."""


class Parsed(Protocol):
    """An input that has been read and checked."""

    @property
    def text(self) -> str:
        """How the input is written; `Task.parse` reads it back."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the person who typed it."""


@dataclass(frozen=True)
class Layout:
    """Where the places of one input stand on screen and what they are called."""

    rows: tuple[tuple[int, ...], ...]  # the places of each row, from left to right; a place may be in no row (padding)
    groups: tuple[str, ...]  # what each row is called: "the first word", "row 1"
    names: tuple[str, ...]  # of all places, as in a sentence: "row 5, column 5"
    signs: tuple[str, ...]  # of all tokens, as people read them
    # What the first of the signs stand for, or all, where that is to be explained; a sign without is what it says.
    meanings: tuple[str, ...] = field(default=(), kw_only=True)
    cell: int  # the place that is chosen at first
    fixed: tuple[int, ...] = ()  # tokens that are shown as they are, although an answer is asked at their place
    settable: tuple[int, ...] = ()  # tokens that a person may put at a place during a run
    # Of places at which others may be put: the first and the last of these.
    settable_at: Mapping[int, tuple[int, int]] = field(default_factory=dict, kw_only=True)
    box: tuple[int, int] | None = None  # rows and columns of the boxes of a board; None: no boxes
    # Kinds of groups in which a token stands once: what a place calls its own one ("its row"), the group of each place.
    units: tuple[tuple[str, tuple[int, ...]], ...] = ()
    grid: bool = False  # drawn as one board of equal cells, not as rows of tokens
    numbered: bool = False  # a token is the number that it stands for, and 0 is a blank
    tall: float = 0.8  # height of a token against its width, where tokens stand in rows
    tokens: tuple[tuple[int, ...], ...] | None = None  # the positions of each place; None: place i is position i

    def message(self) -> dict[str, Any]:
        """Return what the browser is told."""
        return {
            "rows": [list(row) for row in self.rows],
            "groups": list(self.groups),
            "names": list(self.names),
            "signs": list(self.signs),
            "meanings": list(self.meanings),
            "fixed": list(self.fixed),
            "settable": list(self.settable),
            "settable_at": {str(place): list(ends) for place, ends in self.settable_at.items()},
            "cell": self.cell,
            "box": None if self.box is None else list(self.box),
            "units": [[name, list(numbers)] for name, numbers in self.units],
            "tall": self.tall,
        }


class Shift(NamedTuple):
    """Values of one setting of the data."""

    values: tuple[float, ...]  # ascending
    usual: float  # one of them, which training had


@dataclass(frozen=True)
class CardWords:
    """What a model card says of a task."""

    scored: str  # what share the scores are
    right: str  # the name of their row
    data: str  # what is trained on, and what is held out
    loss: str  # where the loss is
    by_split: Mapping[str, str] = field(default_factory=dict)  # `data` for values of a keyword of `Task.splits`


class Symmetries(NamedTuple):
    """Ways to write an input so that its meaning stays.

    The image of tokens under one of them is labels[tokens[source]].
    """

    source: (
        np.ndarray
    )  # (symmetries, positions) int64, permutations: position j of the image shows what stands at source[j]
    labels: np.ndarray  # (symmetries, vocab) int64, permutations: token v is written labels[v]


class NearTraining(NamedTuple):
    """Which held-out inputs are next to what training could meet."""

    words: str  # what such an input is, as in "880 of them are …"
    near: np.ndarray  # (count,) bool


class Entries(NamedTuple):
    """Entries of a table that dynamic programming fills for an input, as samples of a probe."""

    tokens: np.ndarray  # (inputs, positions) whole numbers
    places: np.ndarray  # (inputs, entries, 2) int64, the two positions that an entry belongs to
    numbers: np.ndarray  # (inputs, entries) int64 from 0, what stands in the table; -1 for no entry
    diagonals: np.ndarray  # (inputs, entries) int64 from 0, the anti-diagonal of each entry; -1 for no entry


class Task(Protocol):
    """What every task offers. Arrays of tokens are (…, positions) whole numbers unless something else is said.

    What is called `parsed` is what `parse` of the same task returned. Of a task that may be any, nothing more is known
    of it, so it is Any here; within a room `Base[Board]` names the class, and each method that takes one is checked.
    """

    # --- what it is

    name: str
    kind: str  # the name of its room: "sudoku", "words", "countdown", …; for messages alone
    length: int  # positions of an input, at most
    input_kind: Literal["tokens", "vectors"]  # what `encode` and `sample` make
    vocab: int  # tokens, and the readout has as many classes; of vectors the numbers at each position
    form: str  # what distinguishes it from the other tasks of its page: "9×9"
    usual: str  # what `sample` draws when nothing else is asked for, in words
    things: str  # what several inputs are called
    verifiable: (
        bool  # whether the rules alone tell a right answer, so that a caller can try again until one passes them
    )
    columns: tuple[str, ...]  # of a CSV file with inputs; joined by commas they are what `parse` reads
    answer_column: str  # of the same file, which may be left out: the text that `told_answers` reads; "" for none
    comment: str  # how a line of a file begins that is no input
    in_a_line: str  # a sentence on how an input of several lines is written in one; "" where none has several
    examples: tuple[tuple[str, str], ...]  # for a first look: name and text, as `parse` reads it
    terms: Terms
    rule_words: Mapping[str, str]  # what the positions of a rule of `rules` are called, a template of the terms
    page: Page
    offers: frozenset[str]  # which of `OFFERS` it has
    splits: tuple[str, ...]  # the keywords of `sample` that say how inputs are split
    many_tokens: bool  # there are too many tokens to draw a readout of all: charts choose the likely ones

    # --- reading and writing

    def parse(self, text: str) -> Parsed:
        """Read what a person typed. Raises ValueError with one sentence that says what is wrong."""

    def read(self, text: str) -> tuple[str, Parsed]:
        """Read a text as this task or another one of its room does: that task's name, and what it made of it.

        Raises ValueError with one sentence when no task of the room reads it.
        """

    def claims(self, text: str) -> bool:
        """Return whether a text looks like an input of this task and not of another on its page, right or wrong."""

    def mend(self, text: str) -> tuple[str, str] | None:
        """Return a text that can be run in place of a wrong one, and what the person's input should hold to be mended.

        None where nothing of the text can be run.
        """

    def entry(self, parsed: Any) -> str:
        """Return what the person's input should hold: how it is written, with the marks that the person made in it."""

    def marked(self, text: str, entered: str) -> str:
        """Return a text in which the places that a person filled in, as a link lists them, are told from the rest."""

    def trained_on(self, samplings: Sequence[Mapping[str, Any]]) -> Task:
        """Return this task as a model knows it that was trained on inputs drawn so, each the keywords of `sample`.

        It is the same task, but what it says of an input that training never met is about this model.
        """

    def encode(self, parsed: Any) -> np.ndarray:
        """Return what the model reads of a checked input: tokens (positions,) int64, or vectors (positions, inputs)."""

    def decode(self, inputs: np.ndarray, answers: np.ndarray) -> str:
        """Write an input and what the model answered, for people to read."""

    def written(self, tokens: np.ndarray) -> str:
        """Return an input of tokens (positions,) as the text that `parse` reads back."""

    def sign(self, token: int) -> str:
        """Return a token, from 0 to vocab - 1, as people read it."""

    def token_name(self, token: int) -> str:
        """Return what a token is called in a sentence: its sign, but "blank" for a blank of a board."""

    def place(self, tokens: np.ndarray, position: int) -> str:
        """Return what a position of an input (positions,) is called in a sentence."""

    # --- making inputs

    def sample(self, count: int, seed: int, split: str | None, **sampling: Any) -> tuple[np.ndarray, np.ndarray]:
        """Make `count` inputs and their answers, (count, positions) each; split "train" or "held-out" (disjoint)."""

    def augment(
        self, inputs: np.ndarray, answers: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the same inputs and answers under random symmetries of the task."""

    def bands(self, inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Return labels (count,) by which scores of inputs (count, positions) are broken down, by name."""

    def measures(self, inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Return the numbers (count,) behind those of the bands that hold several, by the same name."""

    # --- what is true

    def asked(self, inputs: np.ndarray) -> np.ndarray:
        """Return where the model is asked for an answer: (…, positions) bool."""

    def clues(self, inputs: np.ndarray) -> np.ndarray:
        """Return what an answer can rest on: (…, positions) bool, False at blanks, marks and padding."""

    def targets(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Return what the loss asks for: the answer's token, -1 where nothing is asked. int64.

        Of a model that answers with numbers: the true numbers (…, positions, outputs), NaN where nothing is asked.
        """

    def told_answers(self, parsed: Any, beside: str = "") -> np.ndarray | None:
        """Return the answers (positions,) of an input that was read, where the input or the text beside it tells them.

        None where nothing tells them, and of tasks whose rules decide. Raises ValueError with one sentence for a text
        that does not fit the input.
        """

    def ways(self, inputs: np.ndarray, most: int) -> np.ndarray:
        """Return targets (count, ways, positions) of up to `most` right answers of each input, -1 for ways it lacks.

        Raises ValueError for a task whose inputs have one right answer each.
        """

    def loops_needed(self, inputs: np.ndarray) -> np.ndarray:
        """Return how many loops each input (count, positions) takes at least: (count,) int64.

        Raises ValueError for a task that does not know.
        """

    def right(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Return whether whole answers are right, whichever of several right answers they are: (…,) bool.

        Answers are tokens (…, positions), or the numbers (…, positions, outputs) that a model gave.
        """

    def shown(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Return the tokens that stand on the face: the input's, and the answer's where the input has a blank."""

    def facts(self, parsed: Any) -> dict[str, Any]:
        """Return what a page is told of an input, whatever the model says: entries of the message.

        Among them "solution": the one right token of every position, or None; and "judged": whether it is known which
        answers are right.
        """

    def verdicts(self, parsed: Any) -> dict[str, str]:
        """Return what is said of an answer to an input: sentences "right" and "wrong", "several" and "rule".

        The first two may use {said}, the sign of the answer at the place that is chosen at first; the third is said
        where no single right answer can be compared with; the last says what is asked for, before there is an answer.
        A task whose `extras` hold "failed" may have "failed 1" and so on, said in place of "wrong".
        """

    # --- places and groups

    def layout(self, tokens: np.ndarray) -> Layout:
        """Return where the places of an input (positions,) stand, and what they are called."""

    def first_place(self, tokens: np.ndarray) -> int:
        """Return the position that an export is about when none is named."""

    def rules(self, tokens: np.ndarray, answers: np.ndarray) -> Rules:
        """Return the groups of positions whose share of attention is measured.

        tokens (positions,), answers (loops, positions); see `Rules`.
        """

    def classes(self, inputs: np.ndarray) -> np.ndarray | None:
        """Return (count,) a number for each input, equal where a symmetry turns one into the other; None without such.

        The held-out split is between classes.
        """

    def near_training(self, inputs: np.ndarray, **splitting: Any) -> NearTraining | None:
        """Return which of held-out inputs (count, positions) are next to what training could meet; None if unknown.

        What training could meet follows from the rule of the split; `splitting` are the keywords of `sample` that the
        task's `splits` names, as training used them.
        """

    def right_everywhere(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray | None:
        """Return (...,) bool: answers (..., length) are right also where nothing is asked; None if that means nothing.

        `right` judges what is asked, and takes what is given from the input.
        """

    def groups(self, tokens: np.ndarray) -> np.ndarray | None:
        """Return (groups, size) positions of each group in which a token may stand once; None where there are none."""

    def halves(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the positions of two parts between which attention is of interest: the letters of two words.

        Or None.
        """

    def points(self, inputs: np.ndarray) -> np.ndarray | None:
        """Return where the positions of an input stand in a space, (positions, coordinates); None where they do not."""

    # --- extra arrays of a run, and charts

    def beside(self, parsed: Any) -> str:
        """Return a text of what is known of an input and is not in what the model reads; "" for nothing.

        The true function of a sampled prompt, for instance, follows from the text that names its seed.
        """

    def extras(
        self, tokens: np.ndarray, answers: np.ndarray, beside: str = "", settled: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Return further arrays that the page draws, by name: answers (loops, positions), and the text of `beside`.

        settled (positions,) is the loop after which each answer never changed again, 0 where it has not settled; None
        of numbers.

        Sudoku: order, technique; words: table; Countdown: holds. "order" (positions,) int8 says when a simple solver
        reaches each place: rounds from 1, -1 never, 0 not asked; it is compared with the order in which the answers
        settle.
        """

    def solutions(self, tokens: np.ndarray, most: int) -> list[list[str]] | None:
        """Return the steps of up to `most` solutions, in the order of the search; None for a task without steps."""

    def equations(self, tokens: np.ndarray, answers: np.ndarray) -> list[list[str]] | None:
        """Return the steps of each answer of (loops, positions) as `solutions` writes them; None without steps."""

    def charts(self, parsed: Any, seen: Seen) -> list[Chart]:
        """Return the charts of a run that only this task has, in the order in which they are written."""

    def parts(self) -> Sequence[int]:
        """Return the positions at which a new part of the sequence begins, for lines in an attention matrix."""

    # --- model cards

    def card(self) -> CardWords:
        """Return what a model card says of the task."""

    def describe_sampling(self, sampling: Mapping[str, Any]) -> str:
        """Return what `sample` was asked for, in words."""

    def failures(self, samplings: Sequence[Mapping[str, Any]], learned: bool = True) -> list[str]:
        """Return sentences on what a run trained with these samplings has not met, or what is known to go wrong.

        learned: whether it answers at least half of the inputs of some score rightly, so that failures are the
        exception.
        """

    # --- what only some tasks have; each raises ValueError where `offers` does not name it

    def symmetries(self, count: int, seed: int = 0) -> Symmetries:
        """SYMMETRIES: return `count` random symmetries."""

    def probe_labels(self, inputs: np.ndarray, answers: np.ndarray) -> dict[str, np.ndarray]:
        """PROBE_LABELS: return (…, positions, labels) int64 by name: classes from 0, -1 where nothing is asked."""

    def probe_truth(self, tokens: np.ndarray) -> dict[str, np.ndarray]:
        """PROBE_LABELS: return the labels of one input (positions,), -1 also where no single answer is right."""

    def probe_numbers(self, inputs: np.ndarray, control: bool = False) -> dict[str, np.ndarray]:
        """PROBE_NUMBERS: return (count, numbers) by name, what a way to the answer may pass through.

        control: others of the same form, which no way to the answer passes through.
        """

    def table_entries(self, inputs: np.ndarray, most: int | None = None) -> Entries:
        """TABLE: return the entries of the tables of inputs (count, positions): all, or `most` at random of each."""

    def table_shape(self, tokens: np.ndarray) -> tuple[int, int]:
        """TABLE: return the rows and columns of the table of one input, as `table_entries` counts them."""

    def lengths(self) -> range:
        """LENGTHS: return the lengths that inputs can have, from the shortest of interest to the longest."""

    def trained_length(self) -> int:
        """LENGTHS: return the largest length of training."""

    def sample_length(self, count: int, seed: int, low: int, high: int, split: str | None = "held-out") -> np.ndarray:
        """LENGTHS: make inputs (count, positions) of lengths `low` to `high`.

        "held-out" holds for lengths of which anything is held out; of others any input is taken.
        """

    def sizes(self) -> tuple[int, ...]:
        """SIZES: return the numbers of examples by which errors are broken down."""

    def of_size(self, size: int) -> dict[str, Any]:
        """SIZES: return the keywords of `sample` for prompts of so many examples."""

    def shifts(self) -> dict[str, Shift]:
        """SIZES: return values of each keyword of `sample` by which data can leave what was trained on."""

    def method_errors(self, inputs: np.ndarray, answers: np.ndarray, **sampling: Any) -> dict[str, float]:
        """SIZES: return what other methods make of the same prompts: squared error over that of answering zero."""

    def method_predictions(self, inputs: np.ndarray, **sampling: Any) -> dict[str, np.ndarray]:
        """SIZES: return what other methods predict at the queries of prompts, (count, queries) by their label."""

    def sample_hardest(self, count: int, seed: int) -> np.ndarray:
        """HARDEST: make the hardest held-out inputs (count, positions), `Terms.hardest`."""

    def hardest_file(self) -> str | None:
        """HARDEST: return the name of the file in `assets` that holds such inputs, or None."""
