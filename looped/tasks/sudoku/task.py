"""The task Sudoku on 4 x 4, 6 x 6 (boxes of 2 rows by 3 columns) and 9 x 9 boards.

One token a cell, 0 a blank and d the digit d.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.base import Base
from looped.tasks.protocol import (
    HARDEST,
    ONE_ANSWER,
    PROBE_LABELS,
    SYMMETRIES,
    CardWords,
    Chart,
    Layout,
    NearTraining,
    Rules,
    Seen,
    Symmetries,
)
from looped.tasks.sudoku import logic, symmetries
from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.formats import plain
from looped.tasks.sudoku.generator import generate, minimal_rated
from looped.tasks.sudoku.geometry import BOXES, Array, Cells, cell_name, geometry, rows_columns_boxes, units
from looped.tasks.sudoku.page import PAGE, TERMS, card_words
from looped.tasks.sudoku.rating import rate
from looped.tasks.sudoku.rules import RULE_WORDS, attention_rules, conflicts, is_solution
from looped.tasks.sudoku.solver import solve
from looped.tasks.sudoku.symmetries import fingerprint
from looped.tasks.sudoku.text import Board, marked, mend, parse, parse_marked, to_grid

USUAL = {4: (5, 10), 6: (12, 20), 9: (31, 42)}
"""Board size -> range of givens that `Sudoku.sample` draws from by default."""
HARDEST_FILES = {9: "sudoku9-minimal.txt"}
"""Board size -> the file in `assets` with minimal puzzles."""
TECHNIQUES = ("naked", "hidden")
OWN = ("its row", "its column", "its box")


class Sudoku(Base[Board]):
    """The task for one board size."""

    kind = "sudoku"
    things = "boards"
    columns: tuple[str, ...] = ("puzzle",)
    verifiable = True
    terms = TERMS
    rule_words: Mapping[str, str] = RULE_WORDS
    page = PAGE
    offers = frozenset({SYMMETRIES, PROBE_LABELS, HARDEST, ONE_ANSWER})
    many_tokens = False

    def __init__(self, size: int = 9) -> None:
        geometry(size)
        self.size = size
        self.name = f"sudoku{size}"
        self.form = f"{size}×{size}"
        self.length = size * size
        self.vocab = size + 1
        self.usual = "{} to {} givens".format(*USUAL[size])
        self.examples = EXAMPLES[size]

    # ------------------------------------------------------------------------------------------------ text and tokens

    def parse(self, text: str) -> Board:
        """Read a puzzle of this size; raises SudokuError."""
        return parse(text, self.size)

    def read(self, text: str) -> tuple[str, Board]:
        """Read a puzzle of any size, with a person's entries in it; raises SudokuError."""
        board = parse_marked(text, self.size)
        return f"sudoku{board.size}", board

    def mend(self, text: str) -> tuple[str, str] | None:
        """Return what can be run of a wrong board, and the board as it was typed.

        See `looped.tasks.sudoku.text.mend`.
        """
        return mend(text)

    def entry(self, parsed: Board) -> str:
        """Return a board with a person's entries as letters: "c" for a 3."""
        return parsed.entry

    def marked(self, text: str, entered: str) -> str:
        """Return a board whose cells of these numbers, separated by commas, are entries.

        >>> Sudoku(4).marked("12" + 14 * ".", "1")
        '1b..............'
        """
        numbers = frozenset(int(number) for number in entered.split(",") if number.isascii() and number.isdigit())
        return marked(text, numbers) if plain(text) else text

    def encode(self, board: Board) -> NDArray[np.int64]:
        """Return (length,) int64 tokens of the givens. Raises ValueError for a board of another size."""
        if board.size != self.size:
            raise ValueError(f"{self.name} takes boards of size {self.size}, not {board.size}")
        return board.givens.astype(np.int64)

    def written(self, tokens: ArrayLike) -> str:
        """Return the board as one line, '.' for a blank."""
        return "".join(str(token or ".") for token in np.asarray(tokens).tolist())

    def decode(self, tokens: ArrayLike, answers: ArrayLike) -> str:
        """Write the answered board as a grid with bars; see `to_grid`."""
        return to_grid(self.complete(tokens, answers), self.size)

    def sign(self, token: int) -> str:
        """Return the digit, "·" for a blank."""
        return str(token) if token else "·"

    def token_name(self, token: int) -> str:
        """Return the digit, 'blank' for a blank."""
        return str(token or "blank")

    def place(self, tokens: ArrayLike, position: int) -> str:
        """Return 'row 1, column 9'; which digit stands there makes no difference."""
        return cell_name(position, self.size)

    # ------------------------------------------------------------------------------------------------ making and
    # varying

    def sample(
        self, count: int, seed: int = 0, split: str | None = None, *, minimal: bool = False, **sampling: Any
    ) -> tuple[Cells, Cells]:
        """Make (count, length) int8 puzzles and solutions.

        They come from `generate` (`givens` is `USUAL` by default), or with `minimal=True` from `minimal_rated`, if
        asked for only those with low <= `rating` < high (see `rate`). A seed gives the same puzzles on any number of
        cores, and the first of them for a smaller count. Raises ValueError when there is no such puzzle, TypeError for
        another keyword.
        """
        if minimal:
            return minimal_rated(count, self.size, seed, split, **sampling)
        return generate(count, self.size, **{"givens": USUAL[self.size], **sampling}, seed=seed, split=split)

    def augment(self, inputs: Cells, answers: Cells, rng: np.random.Generator) -> tuple[Cells, Cells]:
        """Apply an independent random symmetry to each board; see `looped.tasks.sudoku.symmetries.augment`."""
        return symmetries.augment(inputs, answers, self.size, rng)

    def symmetries(self, count: int, seed: int = 0) -> Symmetries:
        """Return `count` random symmetries."""
        return symmetries.random_symmetries(self.size, count, seed)

    def sample_hardest(self, count: int, seed: int) -> Cells:
        """Make held-out minimal puzzles (count, length): boards without a clue to spare."""
        return self.sample(count, seed, "held-out", minimal=True)[0]

    def hardest_file(self) -> str | None:
        """Return the file of minimal boards that questions are asked of; None for a size without one."""
        return HARDEST_FILES.get(self.size)

    # ------------------------------------------------------------------------------------------------ what is true

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return (..., length) bool: the blanks."""
        return np.equal(inputs, 0)

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return (..., length) bool: the givens."""
        return np.not_equal(inputs, 0)

    def complete(self, tokens: ArrayLike, answers: ArrayLike) -> Array:
        """Return (..., length) the board that an answer stands for: the givens, and the answer at the blanks."""
        return np.where(np.asarray(tokens) > 0, tokens, answers)

    def right(self, tokens: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """Return (...,) bool: the whole board is right: `answers` solve the puzzles `tokens`, both (..., length).

        What a model says at a given cell does not matter.  Any full legal board counts, so puzzles with
        several solutions are judged fairly.
        """
        return is_solution(tokens, self.complete(tokens, answers), self.size)

    def classes(self, inputs: ArrayLike) -> NDArray[np.uint64]:
        """Return (count,) a number for the class under symmetries of each puzzle (count, length)."""
        return fingerprint(inputs, self.size)

    def near_training(self, inputs: ArrayLike, **splitting: Any) -> NearTraining | None:
        """Return which 4 × 4 boards are one of a training class with one clue more; None for larger boards.

        There are few 4 × 4 boards, so that training meets nearly all of its side. A board is near when without one of
        its clues it still has one solution and belongs to a class of the training side.
        """
        if self.size > 4:
            return None
        boards = np.asarray(inputs)
        cells = np.arange(self.length)
        near = np.zeros(len(boards), np.bool_)
        for row, board in enumerate(boards):
            fewer = np.where(np.eye(self.length, dtype=np.bool_), 0, board)[cells[board > 0]].astype(np.int8)
            trained = fewer[~symmetries.is_held_out(fewer, self.size)] if len(fewer) else fewer
            near[row] = any(solve(one, self.size)[0] == 1 for one in trained)
        return NearTraining("boards of the training side with one clue more", near)

    def right_everywhere(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """Return (...,) bool: the model's own cells, givens too, are a solution."""
        return is_solution(inputs, answers, self.size)

    def bands(self, inputs: Cells) -> dict[str, NDArray[np.str_]]:
        """Return labels (count,) of puzzles: how many givens, and how hard (`rate`)."""
        rating = self.measures(inputs)["rating"]
        return {
            "givens": np.count_nonzero(inputs, axis=-1).astype(np.str_),
            "rating": np.select([rating == 0, rating < 3], ["0", "above 0, below 3"], "3 and more"),
        }

    def measures(self, inputs: ArrayLike) -> dict[str, NDArray[Any]]:
        """Return how hard puzzles are (`rate`)."""
        return {"rating": rate(np.asarray(inputs), self.size)}

    def facts(self, board: Board) -> dict[str, Any]:
        """Return the size and the solution (digits as text) of a board, None where there are several."""
        return {
            "size": board.size,
            "solution": "".join(map(str, board.solution)) if board.unique else None,
            "judged": board.unique,
            "puzzle_unique": board.unique if board.puzzle_unique is None else board.puzzle_unique,
        }

    def probe_labels(self, inputs: ArrayLike, answers: ArrayLike) -> dict[str, NDArray[np.int64]]:
        """Return what one may expect the state of a blank to hold; see `looped.tasks.sudoku.logic.labels`."""
        return logic.labels(inputs, answers, self.size)

    def probe_truth(self, tokens: NDArray[np.integer]) -> dict[str, NDArray[np.int64]]:
        """Return the labels of one board, -1 for the digit where the board has several solutions or none."""
        count, solution = solve(tokens, self.size)
        found = self.probe_labels(tokens, tokens if solution is None else solution)
        if count != 1:
            found["digit"] = np.full_like(found["digit"], -1)
        return found

    # ------------------------------------------------------------------------------------------------ places and groups

    def layout(self, tokens: ArrayLike) -> Layout:
        """Return the board row by row; any digit may be put anywhere."""
        cells = np.arange(self.length).reshape(self.size, self.size)
        of_cells = rows_columns_boxes(self.size).T
        return Layout(
            rows=tuple(tuple(row) for row in cells.tolist()),
            groups=tuple(f"row {row + 1}" for row in range(self.size)),
            names=tuple(cell_name(cell, self.size) for cell in range(self.length)),
            signs=tuple(self.sign(token) for token in range(self.vocab)),
            cell=self.first_place(np.asarray(tokens)),
            settable=tuple(range(self.vocab)),
            box=BOXES[self.size],
            units=tuple((name, tuple(groups)) for name, groups in zip(OWN, of_cells.tolist(), strict=True)),
            grid=True,
            numbered=True,
        )

    def rules(self, tokens: NDArray[np.integer], answers: NDArray[np.integer]) -> Rules:
        """Return row, column, box, same digit (given or answered), violated, self, non-peers."""
        return attention_rules(self.size, self.complete(tokens, answers))

    def groups(self, tokens: ArrayLike) -> NDArray[np.int64]:
        """Return (3 * size, size) the cells of each row, column and box."""
        return units(self.size)

    # ------------------------------------------------------------------------------------------------ arrays and charts

    def extras(
        self, tokens: ArrayLike, answers: ArrayLike, beside: str = "", settled: Array | None = None
    ) -> dict[str, Array]:
        """Return "order" (positions,) int8, rounds of singles; and "technique" (positions,) uint8.

        1 naked, 2 hidden.
        """
        found = logic.order(tokens, self.size)
        technique = np.select([found.techniques == name for name in TECHNIQUES], [1, 2], 0)
        return {"order": found.rounds.astype(np.int8), "technique": technique.astype(np.uint8)}

    def charts(self, board: Board, seen: Seen) -> list[Chart]:
        """Return board, candidates, settled, attention on the board, and the difference to a single solution."""
        given, now = board.givens > 0, f"after {seen.one} {seen.loop} of {seen.loops}"
        digits = self.complete(board.givens, seen.answers)
        common = {"given": given, "box": BOXES[self.size], "cell": seen.place, "dark": seen.dark}
        charts = [
            Chart("board", "board", common | {
                "digits": digits,
                "confidence": seen.confidence,
                "changed": seen.changed,
                "breaks_rule": conflicts(digits, self.size),
                "title": f"Board {now}",
                "one": seen.one,
            }),
            Chart("candidates", "candidates", common | {
                "probabilities": seen.probabilities[seen.loop - 1, :, 1:],
                "digits": digits,
                "title": f"What each blank might hold {now}",
            }),
            Chart("settled", "settled", common | {
                "settled": seen.settled,
                "loops": seen.loops,
                "title": f"When each blank settled, of {seen.loops} {seen.one}s",
                "one": seen.one,
            }),
        ]  # fmt: skip
        if board.unique:
            charts.append(
                Chart("difference", "difference", common | {
                    "digits": digits,
                    "solution": board.solution,
                    "title": f"Board {now} and the solution",
                })
            )  # fmt: skip
        for name, which, weights in seen.layers():
            charts.append(
                Chart(f"attention{name}", "attention", {
                    "weights": weights[:, seen.place],
                    "heads": seen.heads,
                    "box": BOXES[self.size],
                    "cell": seen.place,
                    "digits": digits,
                    "title": f"Attention of {cell_name(seen.place, self.size)} in {seen.one} {seen.loop}{which}",
                    "dark": seen.dark,
                })
            )  # fmt: skip
        return charts

    # ------------------------------------------------------------------------------------------------ model cards

    def card(self) -> CardWords:
        """Return what a model card says of the task."""
        return card_words(self.size)

    def describe_sampling(self, sampling: Mapping[str, Any]) -> str:
        """Return what `sample` was asked for, in words.

        >>> Sudoku(9).describe_sampling({"givens": (24, 42)})
        'boards with 24 to 42 givens'
        >>> Sudoku(9).describe_sampling({"minimal": True, "rating": (0.05, 3)})
        'minimal boards of a rating from 0.05 to below 3'
        """
        words = "minimal boards" if sampling.get("minimal") else "boards"
        if "givens" in sampling:
            words += " with {} to {} givens".format(*sampling["givens"])
        if "rating" in sampling:
            words += " of a rating from {:g} to below {:g}".format(*sampling["rating"])
        return words

    def failures(self, samplings: Sequence[Mapping[str, Any]], learned: bool = True) -> list[str]:
        """Return sentences on what is known to go wrong."""
        met_minimal = any(sampling.get("minimal") for sampling in samplings)
        failing = "that need many guesses" if met_minimal else "with fewer givens than it was trained on"
        often = f"Puzzles {failing} are answered wrongly far more often."
        return [
            often if learned else "Most puzzles are answered wrongly, those like the ones it was trained on, too.",
            "A puzzle with several solutions has no single right answer; the model may mix them.",
        ]
