"""What edit distance and longest common subsequence share: two words, the table between them, the tokens, the split.

Both numbers stand in the last corner of a table that dynamic programming fills; see `looped.tasks.words.table`.

Tokens, in the order of the papers' sequences "s1 | s2 <sep>" (arXiv 2305.15408, 2410.01405), in two halves of one
length, so that a letter's place in its word is its place in its half:

    s1 |, padded to `longest` + 1      s2 =, padded to `longest` + 1

The two marks stand right behind the words: their places are the lengths, which a model would have to count otherwise.
At the "=" the model says the number, as one token of the class "number n", as in the papers. (Digits would make two
positions agree.) Only that answer decides what is right, but one number for a whole pair teaches a small model next to
nothing, so training asks the letters too: how much does the word up to this letter share with the whole other word?
That is a number of the last column or row of the table: for the longest common subsequence the letters in common, for
the edit distance what is saved against taking all letters of one word out and putting all of the other in. (Asked for
distances there, which first of all need both lengths, the same model takes several times as long to notice that equal
letters matter.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.base import Base
from looped.tasks.protocol import (
    HARDEST,
    LENGTHS,
    ONE_ANSWER,
    TABLE,
    CardWords,
    Chart,
    Entries,
    Layout,
    Rules,
    Seen,
    Terms,
)
from looped.tasks.sequences import PAGE, WATCHED
from looped.tasks.streams import check_count, side_of, stream
from looped.tasks.words import making
from looped.tasks.words.making import ALPHABET, FEW, UNRELATED
from looped.tasks.words.rules import RULE_WORDS, attention_rules
from looped.tasks.words.table import asked_numbers, costs
from looped.tasks.words.text import EXAMPLES, Words, parse
from looped.tasks.words.tokens import ASK, BAR, LETTER, LETTERS, NUMBER, PAD, Array, Tokens, halves

UNDER = "Under a letter stands the model's answer for the word up to there and the whole other word."
SAVED = (
    "Under a letter stands the model's answer to what the word up to there saves against the whole other word: {gap} "
    "times the letters of both, minus their distance."
)

LETTERS_BAND, DISTANCE_BAND = 4, 8
"""How many letters and distances are scored together: `Strings.bands`."""


def _spans(first: NDArray[np.integer], wide: int) -> NDArray[np.str_]:
    """Write bands of numbers that begin at `first` (…) and are so wide: "1 to 4"."""
    words = [f"{low} to {low + wide - 1}" for low in first.ravel().tolist()]
    return np.array(words, np.str_).reshape(first.shape)


class Strings(Base[Words]):
    """Two words and one number about them. `size`: the longest words of training; up to `longest` letters are read."""

    kind = "words"
    columns: tuple[str, ...] = ("s1", "s2")
    verifiable = False
    things = "pairs of words"
    terms = Terms(
        clue="letter",
        clues="letters",
        judged=" behind “=”",
        hardest="unlike words of full length over 4 or 26 letters",
        watched=WATCHED,
    )
    rule_words: Mapping[str, str] = RULE_WORDS
    page = PAGE
    offers = frozenset({TABLE, LENGTHS, HARDEST, ONE_ANSWER})
    gap, change, border, common = 2, 3, 2, False
    what = "number"  # in a sentence
    rule = ""  # what the number is, in a sentence

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size
        self.examples = tuple((text, text) for text in EXAMPLES if max(map(len, text.split())) <= size)
        self.longest = size + size // 3
        self.length = 2 * self.longest + 2
        self.vocab = NUMBER + self.most + 1
        self.usual = f"1 to {size} letters"

    @property
    def most(self) -> int:
        """Return the largest number that two words of `longest` letters can need.

        When they are equal, all of it is shared.
        """
        return self.longest if self.common else 2 * self.gap * self.longest

    # ------------------------------------------------------------------------------------------------ text and tokens

    def parse(self, text: str) -> Words:
        """Read two words; see `looped.tasks.words.text.parse`. Raises ValueError."""
        return parse(text, self.name, self.size, self.longest)

    def claims(self, text: str) -> bool:
        """Return whether a text has at least as many letters as digits."""
        return sum(sign.isalpha() for sign in text) >= sum(sign.isdigit() for sign in text)

    def encode(self, words: Words) -> NDArray[np.int64]:
        """Return (length,) int64 tokens. Raises ValueError for words that do not fit."""
        tokens = np.full((2, self.longest + 1), PAD, np.int64)
        for row, word, end in zip(tokens, (words.first, words.second), (BAR, ASK), strict=True):
            if len(word) > self.longest:
                raise ValueError(f"{self.name} reads words of at most {self.longest} letters, not {len(word)}.")
            row[: len(word)] = [LETTER + LETTERS.index(sign) for sign in word]
            row[len(word)] = end
        return tokens.ravel()

    def words(self, tokens: ArrayLike) -> tuple[str, str]:
        """Return the two words of (length,) tokens."""
        first, second, n, m = halves(self._checked(tokens))
        return "".join(LETTERS[token - LETTER] for token in first[:n]), "".join(
            LETTERS[token - LETTER] for token in second[:m]
        )

    def written(self, tokens: ArrayLike) -> str:
        """Return the two words of (length,) tokens as one text."""
        return " ".join(self.words(tokens))

    def said(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.int64]:
        """Return (…,) the number that answers (…, length) give at the "=", negative for a token that is no number."""
        at = (np.asarray(inputs) == ASK).argmax(-1)[..., None]
        shape = np.broadcast_shapes(np.shape(inputs), np.shape(answers))
        token = np.take_along_axis(np.broadcast_to(answers, shape), np.broadcast_to(at, (*shape[:-1], 1)), -1)[..., 0]
        return token.astype(np.int64) - NUMBER

    def decode(self, inputs: ArrayLike, answers: ArrayLike) -> str:
        """Write 'kitten, sitting: 8', with "?" for an answer that is no number."""
        number = int(self.said(inputs, answers))
        return "{}, {}: {}".format(*self.words(inputs), number if number >= 0 else "?")

    def sign(self, token: int) -> str:
        """Return a letter, "|", "=", a number, or "·" for padding."""
        return str(token - NUMBER) if token >= NUMBER else f"·|={LETTERS}"[token]

    def place(self, tokens: ArrayLike, position: int) -> str:
        """Return what a position of (length,) tokens is called.

        'letter 3 of the first word (t)', 'the mark | after the first word', 'the sign = after the second word',
        'padding'.
        """
        token = int(np.asarray(tokens)[position])
        if LETTER <= token < NUMBER:
            word, letter = divmod(position, self.longest + 1)
            return f"letter {letter + 1} of the {('first', 'second')[word]} word ({self.sign(token)})"
        return {BAR: "the mark | after the first word", ASK: "the sign = after the second word"}.get(token, "padding")

    # ---------------------------------------------------------------------------------------------------- the numbers

    def table(self, first: str, second: str) -> NDArray[np.int64]:
        """Return (|first| + 1, |second| + 1): the number of every two prefixes; the answer is the last entry."""
        table = costs(first, second, self.gap, self.change, self.border)
        if self.common:
            i, j = np.indices(table.shape)
            table = (i + j - table) // 2
        return table

    def numbers(self, inputs: ArrayLike) -> NDArray[np.int64]:
        """Return (…, length): the number that is asked at each position of tokens (…, length), -1 where none is."""
        tokens = self._checked(inputs)
        flat = tokens.reshape(-1, self.length)
        numbers = np.empty(flat.shape, np.int64)
        asked_numbers(flat, self.gap, self.change, self.border, self.common, numbers)
        return numbers.reshape(tokens.shape)

    def right(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """Return (…,) bool: the answer at the "=" is the number; inputs and answers (…, length), broadcast together."""
        tokens = self._checked(inputs)
        numbers = np.take_along_axis(self.numbers(tokens), (tokens == ASK).argmax(-1)[..., None], -1)[..., 0]
        right: NDArray[np.bool_] = np.asarray(self.said(tokens, self._checked(answers)) == numbers)
        return right

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return (…, length) bool: every letter, and the "="."""
        return np.logical_or(np.equal(inputs, ASK), self.clues(inputs))

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return (…, length) bool: the letters, not the marks."""
        return np.logical_and(np.greater_equal(inputs, LETTER), np.less(inputs, NUMBER))

    def targets(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.int64]:
        """Return (count, length) int64: the token of the number at every letter and at the "=", -1 elsewhere."""
        wanted = np.asarray(answers)
        return np.where(wanted >= NUMBER, wanted, -1).astype(np.int64)

    def bands(self, inputs: ArrayLike) -> dict[str, NDArray[np.str_]]:
        """Return labels (count,) of pairs: letters of the longer word, of both, the answer, and how far they differ.

        Letters of both words, the shorter one first, and the distance are in bands. The distance is what it costs to
        turn one word into the other: the answer itself, or for the letters in common, how many are not.
        """
        tokens = self._checked(inputs)
        letters = np.sort(((tokens >= LETTER) & (tokens < NUMBER)).reshape(len(tokens), 2, -1).sum(-1), -1)
        answer = self.said(tokens, self.answers(tokens))
        distance = letters.sum(-1) - 2 * answer if self.common else answer
        spans = _spans((letters - 1) // LETTERS_BAND * LETTERS_BAND + 1, LETTERS_BAND)
        far = _spans(distance // DISTANCE_BAND * DISTANCE_BAND, DISTANCE_BAND)
        return {
            "letters": letters[:, 1].astype(np.str_),
            "letters of both": np.array([f"{short} and {long}" for short, long in spans], np.str_),
            self.what: answer.astype(np.str_),
            "apart by": far,
        }

    # ----------------------------------------------------------------------------------------------- making and varying

    def held_out(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """Return (count,) bool: the pair belongs to the held-out side, as all its images under `augment` do.

        See `FEW`.
        """
        held = np.empty(len(np.asarray(inputs)), np.bool_)
        making.held_out(self._checked(inputs), held)
        return held

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Tokens, Tokens]:
        """Make (count, length) int16 pairs and their answers; `sampling` may name letters, alphabet and unrelated.

        The first word has a number of letters drawn from the closed range `letters` (1 to size by default), each drawn
        from an alphabet of a size drawn from the range `alphabet`. The second is such a word of its own (a share of
        `unrelated`) or the first one after up to as many random deletions, insertions and replacements as it has
        letters, within the same range of lengths. A seed gives the same pairs every time, and the first of them for a
        smaller count. Raises ValueError for ranges that cannot be, for an unknown split, and when the split leaves no
        pair of such lengths, TypeError for another keyword.
        """
        side = side_of(split)
        check_count(count)
        inputs = np.full((count, self.length), PAD, np.int16)
        self._fill_in(inputs, stream(seed), side, **sampling)
        return inputs, self.answers(inputs)

    def _fill_in(
        self,
        inputs: Tokens,
        state: Array,
        side: int,
        *,
        letters: tuple[int, int] | None = None,
        alphabet: tuple[int, int] = ALPHABET,
        unrelated: float = UNRELATED,
    ) -> None:
        low, high = (1, self.size) if letters is None else letters
        if not 1 <= low <= high <= self.longest:
            said = f"{low}" if low == high else f"{low} to {high}"
            raise ValueError(f"words have 1 to {self.longest} letters, smaller first, not {said}.")
        if not 1 <= alphabet[0] <= alphabet[1] <= 26:
            raise ValueError(f"alphabet must lie between 1 and 26, smaller first, not {alphabet}.")
        if making.make(inputs, low, high, alphabet[0], alphabet[1], float(unrelated), side, state) < len(inputs):
            raise ValueError(
                f"found no pair of {low} to {high} letters on the {('train', 'held-out')[side]} side;"
                " ask for longer words."
            )

    def sample_hardest(self, count: int, seed: int) -> Tokens:
        """Make held-out pairs (count, length) of two words of `size` letters each, neither made from the other.

        Every other pair has words over four letters, the others over all 26.
        """
        few, all_ = (
            self.sample(
                count // 2 + count % 2, seed, "held-out", letters=(self.size,) * 2, alphabet=(n, n), unrelated=1.0
            )[0]
            for n in (4, 26)
        )
        return np.stack((few, all_), 1).reshape(-1, self.length)[:count]

    def hardest_file(self) -> str | None:
        """Return that no file has such pairs."""
        return None

    def answers(self, inputs: ArrayLike) -> Tokens:
        """Return (…, length) int16: the token of the number wherever one is asked, padding elsewhere."""
        numbers = self.numbers(inputs)
        return np.where(numbers >= 0, NUMBER + numbers, PAD).astype(np.int16)

    def augment(self, inputs: Tokens, answers: Tokens, rng: np.random.Generator) -> tuple[Tokens, Tokens]:
        """Return the same pairs in other letters, some of them swapped, some with both words read backwards.

        None of the three changes the answer; backwards needs a border that costs what other gaps do. The numbers asked
        at the letters move with the letters (swapped) or are computed again (backwards)."""
        count, half = len(inputs), self.longest + 1
        letters = np.zeros((count, NUMBER), np.int64)  # what becomes of each token; the marks are set again at the end
        letters[:, LETTER:] = rng.random((count, 26)).argsort(1) + LETTER
        sides = np.take_along_axis(letters, inputs.astype(np.int64), 1).reshape(count, 2, half)
        swapped = rng.random(count) < 0.5
        sides[swapped] = sides[swapped, ::-1]
        lengths = (sides > 0).sum(-1, keepdims=True)
        if self.border == self.gap:
            places = np.arange(half)
            mirrored = np.where(places < lengths, lengths - 1 - places, places)
            backwards = rng.random(count) < 0.5
            sides[backwards] = np.take_along_axis(sides[backwards], mirrored[backwards], 2)
        np.put_along_axis(sides, lengths, np.array([BAR, ASK])[:, None], 2)
        tokens = sides.reshape(count, 2 * half).astype(np.int16)
        return tokens, self.answers(tokens)

    # ------------------------------------------------------------------------------------------------ the page

    def facts(self, words: Words) -> dict[str, Any]:
        """Return the words, the answer, and the right number at every position."""
        answers = self.answers(self.encode(words)[None])[0]
        return {
            "words": [words.first, words.second],
            "answer": int(self.table(words.first, words.second)[-1, -1]),
            "solution": answers.tolist(),
            "judged": True,
            "beyond": max(len(words.first), len(words.second)) > self.size,
            "typed": "Words",
        }

    def verdicts(self, parsed: Words) -> dict[str, str]:
        """Return sentences with the number that the model says of the two words, and the right one."""
        answer = int(self.table(parsed.first, parsed.second)[-1, -1])
        charged = "" if self.common else f" {self.rule}"
        under = UNDER if self.common else SAVED.format(gap=self.gap)
        return super().verdicts(parsed) | {
            "right": f"The model says {{said}}, which is right.{charged} {under}",
            "wrong": f"The model says {{said}}; right is {answer}.{charged} {under}",
            "rule": self.rule,
        }

    def layout(self, tokens: ArrayLike) -> Layout:
        """Return each word with its mark in a row; padding stands nowhere."""
        half, (first, second) = self.length // 2, self.words(tokens)
        rows = tuple(range(len(first) + 1)), tuple(range(half, half + len(second) + 1))
        return Layout(
            rows=rows,
            groups=("the first word", "the second word"),
            names=tuple(self.place(tokens, position) for position in range(self.length)),
            signs=tuple(self.sign(token) for token in range(self.vocab)),
            cell=rows[1][-1],
            fixed=(PAD, BAR, *range(LETTER, NUMBER)),
            settable=tuple(range(LETTER, NUMBER)),
            tall=1.7,  # under a letter stands a number
        )

    def parts(self) -> Sequence[int]:
        """Return where the second word begins."""
        return (self.length // 2,)

    def first_place(self, tokens: ArrayLike) -> int:
        """Return the position of the "="."""
        return int(np.flatnonzero(self.asked(tokens))[-1])

    def rules(self, tokens: ArrayLike, answers: ArrayLike) -> Rules:
        """Return own word, other word, same letter, same place, marks, self, padding."""
        return attention_rules(*self.words(tokens), self.length)

    def halves(self, tokens: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the positions of the letters of the two words."""
        first, second = self.words(tokens)
        return np.arange(len(first)), self.length // 2 + np.arange(len(second))

    def extras(
        self, tokens: ArrayLike, answers: ArrayLike, beside: str = "", settled: Array | None = None
    ) -> dict[str, Array]:
        """Return "table" (|first| + 1, |second| + 1) uint16."""
        return {"table": self.table(*self.words(tokens)).astype(np.uint16)}

    def charts(self, words: Words, seen: Seen) -> list[Chart]:
        """Return the table of the two words."""
        said = self.decode(seen.tokens, seen.answers).rpartition(": ")[2]
        numbers = self.table(words.first, words.second)
        table = {
            "numbers": numbers,
            "first": words.first,
            "second": words.second,
            "title": f"The table; the model's answer after {seen.one} {seen.loop} of {seen.loops}: {said}",
            "dark": seen.dark,
            "said": self._in_the_table(seen.tokens, seen.answers, numbers.shape),
            "signs": self.layout(seen.tokens).signs,
        }
        return [Chart("table", "table", table)]

    def _in_the_table(self, tokens: Tokens, answers: Tokens, shape: tuple[int, int]) -> NDArray[np.int64]:
        """Return answers (length,) at the entries of the table that they are asked for, -1 elsewhere.

        A letter of the first word is asked for its entry of the last column, one of the second for its entry of the
        last row, and the "=" for the last entry, in place of both last letters.
        """
        said = np.full(shape, -1, np.int64)
        first, second = self.halves(tokens)
        said[1:, -1], said[-1, 1:] = answers[first], answers[second]
        said[-1, -1] = answers[self.first_place(tokens)]
        return said

    # ------------------------------------------------------------------------------------------------ the table

    def table_shape(self, tokens: ArrayLike) -> tuple[int, int]:
        """Return the letters of the first and of the second word."""
        first, second = self.words(tokens)
        return len(first), len(second)

    def table_entries(self, inputs: NDArray[np.integer], most: int | None = None) -> Entries:
        """Return the entries of the tables of inputs (count, length), without the row and column of the empty word.

        All entries, row by row, or `most` at random of each pair. An entry belongs to a letter of the first word and
        one of the second.
        """
        rng, half = np.random.default_rng(0), self.longest + 1
        tables = [self.table(*self.words(row))[1:, 1:] for row in inputs]
        wide = max(table.size for table in tables) if most is None else most
        places = np.zeros((len(inputs), wide, 2), np.int64)
        numbers, diagonals = np.full((2, len(inputs), wide), -1)
        for pair, table in enumerate(tables):
            chosen = np.arange(table.size) if most is None else rng.permutation(table.size)[:most]
            i, j = np.divmod(chosen, table.shape[1])
            places[pair, : len(chosen), 0], places[pair, : len(chosen), 1] = i, half + j
            numbers[pair, : len(chosen)] = table[i, j]
            diagonals[pair, : len(chosen)] = i + j
        return Entries(inputs, places, numbers, diagonals)

    def lengths(self) -> range:
        """Return 2 to `longest` letters."""
        return range(2, self.longest + 1)

    def trained_length(self) -> int:
        """Return the length of the longest words of training."""
        return self.size

    def sample_length(self, count: int, seed: int, low: int, high: int, split: str | None = "held-out") -> Tokens:
        """Make pairs (count, length) of words of `low` to `high` letters.

        Of pairs of `FEW` letters nothing is held out.
        """
        return self.sample(count, seed, split if 2 * high > FEW else None, letters=(low, high))[0]

    # ------------------------------------------------------------------------------------------------ model cards

    def card(self) -> CardWords:
        """Return what a model card says of the task."""
        backwards = " or read backwards" if self.border == self.gap else ""
        return CardWords(
            scored='Numbers right at the "="',
            right="pairs right",
            data=f"generated pairs of words, each met again only in other letters, swapped{backwards}. Of pairs of more"
            f" than {FEW} letters together one class under these changes in sixteen is held out before that; scores are"
            " on held-out classes.",
            loss='cross-entropy at the "=" and at every letter, which is asked what the word up to there shares with'
            " the other",
        )

    def describe_sampling(self, sampling: Mapping[str, Any]) -> str:
        """Return what `sample` was asked for, in words.

        >>> Strings("lcs12", 12).describe_sampling({"letters": (6, 12), "alphabet": (2, 2), "unrelated": 0.5})
        'pairs of words of 6 to 12 letters, 2 to 2 different ones, 50 % unrelated'
        """
        letters = "{} to {} letters".format(*sampling["letters"]) if "letters" in sampling else self.usual
        words = f"{self.things} of {letters}"
        if "alphabet" in sampling:
            words += ", {} to {} different ones".format(*sampling["alphabet"])
        return words + (f", {100 * sampling['unrelated']:g} % unrelated" if "unrelated" in sampling else "")

    def failures(self, samplings: Sequence[Mapping[str, Any]], learned: bool = True) -> list[str]:
        """Return sentences on what a run has not met, and on what cannot be read."""
        letters = max(sampling.get("letters", (1, self.size))[1] for sampling in samplings)
        different = max(sampling.get("alphabet", ALPHABET)[1] for sampling in samplings)
        found = [
            f"Words of more than {self.longest} letters cannot be read.",
            f"Two words of more than {different} different letters together were not trained on.",
        ]
        if letters < self.longest:
            found.insert(
                0, f"Words of more than {letters} letters were not trained on; the scores are on {self.usual}."
            )
        return found
