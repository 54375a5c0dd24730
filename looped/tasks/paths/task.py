"""The task Paths: which cells of a grid can be reached from the source by steps up, down, left or right.

Tokens are those of `looped.tasks.paths.grid`, one a cell, row by row. Inputs have size × size tokens for any size up to
the largest, so positions have no meaning of their own: a model for this task must know a cell by its neighbours. An
answer says "reached" or "free" at every cell that is no wall; what it says at walls is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.base import Base
from looped.tasks.paths import making, search
from looped.tasks.paths.examples import EXAMPLES
from looped.tasks.paths.grid import FREE, LARGEST, REACHED, SIGNS, SMALLEST, SOURCE, WALL, Grid, read, side, written
from looped.tasks.paths.page import PAGE
from looped.tasks.protocol import (
    LENGTHS,
    LOOPS_NEEDED,
    ONE_ANSWER,
    CardWords,
    Chart,
    Layout,
    Rules,
    Seen,
    Terms,
)
from looped.tasks.streams import check_count, side_of, stream
from looped.tasks.wording import row_column

Tokens = NDArray[np.int16]
KINDS = {"random": making.RANDOM, "maze": making.MAZE}
"""How `sample` places walls, by the word that asks for it."""
USUAL_SIZE, USUAL_WALLS = 16, (0.38, 0.38)
DISTANCE_BAND = 8
"""Steps that one band of longest distances spans."""
MEANINGS = {FREE: "not reached", WALL: "wall", SOURCE: "source", REACHED: "reached"}  # where they stand as answers
NAMES = {FREE: "free", WALL: "a wall", SOURCE: "the source", REACHED: "reached"}


class Paths(Base[Grid]):
    """Reachability on grids of 2 × 2 to 32 × 32 cells."""

    name: str = "paths"
    kind = "paths"
    length = LARGEST * LARGEST  # at most; an input has as many tokens as its grid has cells
    vocab = len(SIGNS)
    form = f"grids up to {LARGEST} × {LARGEST}"
    usual = "16 × 16 cells, 38 % of them walls"
    things = "grids"
    verifiable = True
    columns: tuple[str, ...] = ("grid",)
    comment = "# "  # a wall is a # alone
    in_a_line = "In a file a grid is one line, with / between its rows."
    examples = EXAMPLES
    terms = Terms(
        place="cell",
        places="cells",
        token="answer",
        tokens="answers",
        asked="free cell",
        asked_many="free cells",
        clue="cell",
        clues="cells",
        input="grid",
        inputs="grids",
        face="grid",
        right="right grid",
        small="small grid",
        at="in",
        counted="row by row",
    )
    page = PAGE
    offers = frozenset({LENGTHS, LOOPS_NEEDED, ONE_ANSWER})
    many_tokens = False

    # ------------------------------------------------------------------------------------------------ text and tokens

    def parse(self, text: str) -> Grid:
        """Read a grid as `looped.tasks.paths.grid.read` does. Raises ValueError with one sentence."""
        return read(text)

    def encode(self, parsed: Grid) -> NDArray[np.int64]:
        """Return the tokens (size²,) int64 of a grid."""
        return np.array(parsed.cells, np.int64)

    def decode(self, inputs: ArrayLike, answers: ArrayLike) -> str:
        """Return the answered grid as rows of text: 'o' reached, '.' not reached, '#' wall, 'S' source."""
        return "\n".join(written(self.shown(inputs, answers).tolist()))

    def written(self, tokens: ArrayLike) -> str:
        """Return a grid on one line, its rows separated by slashes."""
        return "/".join(written(np.asarray(tokens).tolist()))

    def sign(self, token: int) -> str:
        """Return how a token is written."""
        return SIGNS[token]

    def place(self, tokens: ArrayLike, position: int) -> str:
        """Return 'row 2, column 7' for a position of tokens (size²,)."""
        return row_column(position, side(len(np.asarray(tokens))))

    def token_name(self, token: int) -> str:
        """Return what a token is called in a sentence."""
        return NAMES[token]

    # ------------------------------------------------------------------------------------------------ what is right

    def distances(self, inputs: ArrayLike) -> NDArray[np.int16]:
        """Return the steps from the source to each cell, -1 where no way leads: tokens (…, size²) → the same shape."""
        return search.distances(self._checked(inputs))

    def loops_needed(self, inputs: ArrayLike) -> NDArray[np.int64]:
        """Return the steps to the farthest cell that is reached, (…,): as many loops as a flood needs."""
        farthest: NDArray[np.int64] = self.distances(inputs).max(-1).astype(np.int64)
        return farthest

    def answers(self, inputs: ArrayLike) -> Tokens:
        """Return the right answers of tokens (…, size²): reached, free or wall."""
        tokens = self._checked(inputs)
        reached = search.distances(tokens) >= 0
        return np.where(reached, REACHED, np.where(tokens == WALL, WALL, FREE)).astype(np.int16)

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return where something is asked, (…, size²) bool: at every cell that is no wall."""
        return np.not_equal(inputs, WALL)

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return what an answer can rest on, (…, size²) bool: every cell, for a free one lets the flood through."""
        return np.ones(np.shape(inputs), np.bool_)

    def right(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """Return whether whole answers are right, (…,) bool; walls do not count. Both (…, size²), broadcast."""
        tokens = self._checked(inputs)
        correct: NDArray[np.bool_] = np.equal(self.answers(tokens), answers) | ~self.asked(tokens)
        return np.asarray(correct.all(-1))

    def shown(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[Any]:
        """Return the tokens that stand on the grid: walls and the source as they are, elsewhere the answers."""
        return np.where(self.asked(inputs) & np.not_equal(inputs, SOURCE), answers, inputs)

    def facts(self, parsed: Grid) -> dict[str, Any]:
        """Return what the page is told of a grid: its right answers, and the steps to the farthest cell."""
        tokens = self.encode(parsed)
        return {"solution": self.answers(tokens).tolist(), "judged": True, "needed": int(self.loops_needed(tokens))}

    # ------------------------------------------------------------------------------------------------ places and arrays

    def layout(self, tokens: NDArray[np.integer]) -> Layout:
        """Return the rows of a square grid."""
        size = side(len(tokens))
        rows = tuple(tuple(range(first, first + size)) for first in range(0, size * size, size))
        return Layout(
            rows=rows,
            groups=tuple(f"row {row + 1}" for row in range(size)),
            names=tuple(row_column(cell, size) for cell in range(size * size)),
            signs=tuple(SIGNS),
            meanings=tuple(MEANINGS[token] for token in range(self.vocab)),
            cell=self.first_place(tokens),
            fixed=(SOURCE,),
            settable=(FREE, WALL),
            grid=True,
        )

    def first_place(self, tokens: NDArray[np.integer]) -> int:
        """Return the cell that is farthest from the source."""
        return int(self.distances(tokens).argmax())

    def rules(self, tokens: NDArray[np.integer], answers: NDArray[np.integer]) -> Rules:
        """Return none: attention goes to the nine cells of a neighbourhood, each of which is seen by itself."""
        return {}

    def extras(
        self,
        tokens: NDArray[np.integer],
        answers: NDArray[np.integer],
        beside: str = "",
        settled: NDArray[np.integer] | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Return what the page compares with breadth-first search: answers (loops, cells), settled (cells,).

        steps_away (cells,) steps from the source, -1 where no way leads; flood (loops, 5) of `search.progress`;
        against (loops, cells) of `search.against`;
        arrivals (distances, 3) of `search.arrivals`, of cells that have settled on the right answer;
        pace (2,) of `search.pace`.
        """
        away, asked = self.distances(tokens), self.asked(tokens)
        right = (answers[-1] == self.answers(tokens)) & asked
        when = np.zeros(len(away), np.int64) if settled is None else settled
        found = search.arrivals(away, when, right & (when > 0))
        return {
            "steps_away": away,
            "flood": search.progress(away, answers == REACHED, asked),
            "against": search.against(away, answers == REACHED, asked),
            "arrivals": found,
            "pace": search.pace(found),
        }

    def charts(self, grid: Grid, seen: Seen) -> list[Chart]:
        """Return the grid after the loop, with what the model says is reached."""
        del grid
        drawn = {
            "walls": seen.tokens == WALL,
            "source": int((seen.tokens == SOURCE).argmax()),
            "reached": seen.answers == REACHED,
            "share": seen.probabilities[seen.loop - 1, :, REACHED],
            "changed": seen.changed,
            "cell": seen.place,
            "title": f"Grid after {seen.one} {seen.loop} of {seen.loops}",
            "dark": seen.dark,
            "one": seen.one,
        }
        return [Chart("grid", "grid", drawn)]

    # ------------------------------------------------------------------------------------------------ words of cards

    def card(self) -> CardWords:
        """Return what a model card says of the task."""
        return CardWords(
            scored="Whole grids right, all cells that are no walls",
            right="grids right",
            data="generated grids, each met again only turned or mirrored. One symmetry class in sixteen is held out "
            "before that; scores are on held-out classes.",
            loss="cross-entropy on the cells that are no walls",
        )

    def describe_sampling(self, sampling: Mapping[str, Any]) -> str:
        """Return what `sample` was asked for, in words.

        >>> Paths().describe_sampling({"size": 5, "walls": (0.3, 0.5), "kind": "maze"})
        'mazes of 5 × 5 cells with at most 30 to 50 % walls'
        """
        size = sampling.get("size", USUAL_SIZE)
        low, high = (round(100 * share) for share in sampling.get("walls", USUAL_WALLS))
        share = f"{low} %" if low == high else f"{low} to {high} %"
        if sampling.get("kind") == "maze":
            return f"mazes of {size} × {size} cells with at most {share} walls"
        return f"grids of {size} × {size} cells with {share} walls"

    def failures(self, samplings: Sequence[Mapping[str, Any]], learned: bool = True) -> list[str]:
        """Return sentences on what a run trained with these samplings has not met."""
        largest = max(sampling.get("size", USUAL_SIZE) for sampling in samplings)
        return [
            f"Grids larger than {largest} × {largest} were not trained on; the scores say how the model does there.",
            "A run with fewer loops than the farthest cell is steps away cannot be right.",
        ]

    # ------------------------------------------------------------------------------------------------ chosen sizes

    def lengths(self) -> range:
        """Return sizes from the smallest of interest to the largest."""
        return range(4, LARGEST + 1, 4)

    def trained_length(self) -> int:
        """Return the largest size of training."""
        return 8

    def sample_length(self, count: int, seed: int, low: int, high: int, split: str | None = "held-out") -> Tokens:
        """Make grids (count, size²) with sides of `low` cells. Raises ValueError when `high` is another size."""
        if low != high:
            raise ValueError(f"the grids of one array have one size; ask for {low} or for {high}, not for both.")
        return self._make(count, seed, split, size=low)

    def bands(self, inputs: ArrayLike) -> dict[str, NDArray[np.str_]]:
        """Return labels (count,) by which scores are broken down: "1 to 8", … steps to the farthest cell; the size.

        A source that reaches no other cell is a band of its own, "0".
        """
        tokens = self._checked(inputs)
        last = -(-self.measures(tokens)["longest distance to"] // DISTANCE_BAND) * DISTANCE_BAND
        distance = [f"{most - DISTANCE_BAND + 1} to {most}" if most else "0" for most in last.tolist()]
        return {
            "longest distance to": np.array(distance, np.str_),
            "size": np.full(len(tokens), str(side(tokens.shape[-1]))),
        }

    def measures(self, inputs: ArrayLike) -> dict[str, NDArray[np.int64]]:
        """Return the steps to the farthest cell of grids (count,)."""
        return {"longest distance to": self.loops_needed(inputs)}

    # ----------------------------------------------------------------------------------------------- making and varying

    def held_out(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return whether grids (count, size²) belong to the held-out side, as all their images under `augment` do."""
        tokens = self._checked(inputs)
        held = np.empty(len(tokens), np.bool_)
        making.held_out(tokens, side(tokens.shape[-1]), held)
        return held

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Tokens, Tokens]:
        """Return grids (count, size²) int16 and their answers; `sampling` may name size, walls and kind.

        The source stands on a random free cell. `kind` "random" makes each cell a wall with a chance drawn for each
        grid between the two numbers of `walls`; "maze" carves corridors and opens walls until at most that share is
        wall. `split` is None, "train" or "held-out": one class in sixteen under the symmetries of a square is held out.
        A seed gives the same grids every time, and the first of them for a smaller count. Raises ValueError for what
        cannot be made, TypeError for another keyword.
        """
        grids = self._make(count, seed, split, **sampling)
        return grids, self.answers(grids)

    def _make(
        self,
        count: int,
        seed: int,
        split: str | None,
        *,
        size: int = USUAL_SIZE,
        walls: tuple[float, float] = USUAL_WALLS,
        kind: str = "random",
    ) -> Tokens:
        """Return grids (count, size²) int16, as `sample` says."""
        wanted = side_of(split)
        check_count(count)
        if not SMALLEST <= size <= LARGEST:
            raise ValueError(f"size must lie between {SMALLEST} and {LARGEST}, not {size!r}.")
        if not 0 <= walls[0] <= walls[1] <= 1:
            raise ValueError(f"walls must be two shares between 0 and 1, smaller first, not {walls}.")
        if kind not in KINDS:
            raise ValueError(f"kind must be {' or '.join(map(repr, KINDS))}, not {kind!r}.")
        grids = np.empty((count, size * size), np.int16)
        fewest, most = (round(1000 * share) for share in walls)
        made = making.make(grids, size, KINDS[kind], fewest, most, wanted, stream(seed))
        if made < count:
            raise ValueError(
                f"found no {split or ''} grid of {size} × {size} cells like that; ask for another size or fewer walls."
            )
        return grids

    def augment(self, inputs: Tokens, answers: Tokens, rng: np.random.Generator) -> tuple[Tokens, Tokens]:
        """Return the same grids and answers, each turned or mirrored by one of the eight symmetries of a square."""
        size = side(inputs.shape[-1])
        symmetries = rng.integers(8, size=len(inputs))
        images = tuple(np.empty_like(tokens) for tokens in (inputs, answers))
        for tokens, image in zip((inputs, answers), images, strict=True):
            making.turned(tokens, size, symmetries, image)
        return images[0], images[1]

    def _checked(self, inputs: ArrayLike) -> Tokens:
        """Return tokens as int16, from any type of integer. Raises ValueError when they are no square grids."""
        tokens = np.asarray(inputs)
        if tokens.ndim < 1 or tokens.dtype.kind not in "iu":
            raise ValueError(f"paths takes whole numbers (…, size²), not {tokens.dtype} of shape {tokens.shape}.")
        side(tokens.shape[-1])
        return np.ascontiguousarray(tokens, np.int16)
