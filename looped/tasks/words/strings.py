"""What edit distance and longest common subsequence share: two words, the table between them, the tokens, the split.

Both numbers stand in the last corner of a table that dynamic programming fills: entry (i, j) belongs to the first i letters
of one word and the first j of the other, and follows from its three neighbours above, left and above left. numba compiles the
hot loops on first use and caches them on disk.

Tokens, in the order of the papers' sequences "s1 | s2 <sep>" (arXiv 2305.15408, 2410.01405), in two halves of one length, so that
a letter's place in its word is its place in its half:

    s1 |, padded to `longest` + 1      s2 =, padded to `longest` + 1

The two marks stand right behind the words: their places are the lengths, which a model would have to count otherwise. At the "="
the model says the number, as one token of the class "number n", as in the papers. (Digits would make two positions agree.) Only that
answer decides what is right, but one number for a whole pair teaches a small model next to nothing, so training asks the letters
too: how much does the word up to this letter share with the whole other word? That is a number of the last column or row of the
table: for the longest common subsequence the letters in common, for the edit distance what is saved against taking all letters of
one word out and putting all of the other in. (Asked for distances there, which first of all need both lengths, the same model
takes several times as long to notice that equal letters matter.)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from looped.tasks.sudoku.task import _below, _mix

Array = NDArray[Any]
Tokens = NDArray[np.int16]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PAD, BAR, ASK, LETTER, NUMBER = 0, 1, 2, 3, 29
"""Tokens: padding, "|", "=", the letter a, the number 0; letters and numbers go on from there."""
ALPHABET = (2, 8)
"""Fewest and most different letters that a generated pair is made of."""
UNRELATED = 0.4
"""Share of generated pairs whose second word has nothing to do with the first; the others are the first word, edited."""
HELD_OUT_SHARE = 16
"""One class of pairs in this many is held out."""
FEW = 6
"""Pairs of so few letters together are never held out: of some lengths there are two classes, and nobody learns a length without any."""
LONGEST_TEXT = 2000
EXAMPLES = (
    "kitten sitting",
    "flour flower",
    "banana bandana",
    "abcbdab bdcaba",
    "saturday sunday",
    "intention execution",
    "stone tone",
    "cat dog",
)
_BETWEEN = re.compile(r"->|=>|[\s,;|/+→]+")


@dataclass(frozen=True)
class Words:
    """Two words that a model can read."""

    first: str
    second: str
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What it is written like."""
        return f"{self.first} {self.second}"


# ------------------------------------------------------------------------------------------------------------ the table


@njit(cache=True, nogil=True)
def _fill(a: Array, n: int, b: Array, m: int, gap: int, change: int, border: int, table: Array) -> None:
    """table[i, j] = the least cost of turning a[:i] into b[:j]; `border` is the cost of a gap in the first row and column."""
    for i in range(n + 1):
        table[i, 0] = border * i
    for j in range(m + 1):
        table[0, j] = border * j
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            best = table[i - 1, j - 1] + (0 if a[i - 1] == b[j - 1] else change)
            best = min(best, table[i - 1, j] + gap, table[i, j - 1] + gap)
            table[i, j] = best


def costs(first: str, second: str, gap: int, change: int, border: int) -> NDArray[np.int64]:
    """(|first| + 1, |second| + 1): the least cost of turning one prefix into the other; see `_fill`.

    >>> costs("ab", "b", gap=2, change=3, border=2)
    array([[0, 2],
           [2, 3],
           [4, 2]])
    """
    a, b = (np.array([ord(sign) for sign in word], np.int64) for word in (first, second))
    table = np.zeros((len(a) + 1, len(b) + 1), np.int64)
    _fill(a, len(a), b, len(b), gap, change, border, table)
    return table


@njit(cache=True, nogil=True)
def _words(tokens: Array) -> tuple[Array, Array, int, int]:
    """The halves of a sequence, and how many letters stand at the start of each."""
    half = len(tokens) // 2
    n = m = 0
    while n < half and LETTER <= tokens[n] < NUMBER:
        n += 1
    while m < half and LETTER <= tokens[half + m] < NUMBER:
        m += 1
    return tokens[:half], tokens[half:], n, m


@njit(cache=True, nogil=True)
def _numbers(inputs: Array, gap: int, change: int, border: int, common: bool, numbers: Array) -> None:
    """numbers (count, length): what is asked at each position, -1 for nothing; see the top of this file."""
    half = inputs.shape[1] // 2
    table = np.zeros((half + 1, half + 1), np.int64)
    for k in range(len(inputs)):
        a, b, n, m = _words(inputs[k])
        _fill(a, n, b, m, gap, change, border, table)
        part = 2 if common else 1  # a letter in common saves two gaps
        numbers[k] = -1
        for i in range(n):
            numbers[k, i] = (gap * (i + 1 + m) - table[i + 1, m]) // part
        for j in range(m):
            numbers[k, half + j] = (gap * (n + j + 1) - table[n, j + 1]) // part
        if m < half:
            numbers[k, half + m] = (n + m - table[n, m]) // 2 if common else table[n, m]


# ------------------------------------------------------------------------------------------------- classes, split, making


@njit(cache=True, nogil=True)
def _fingerprint(a: Array, n: int, b: Array, m: int) -> Any:
    """uint64 of a pair of words that new letters, swapping the words and reading both backwards do not change."""
    least = np.uint64(0xFFFFFFFFFFFFFFFF)
    for swapped in range(2):
        for backwards in range(2):
            names = np.zeros(64, np.int64)
            used = 0
            value = _mix(np.uint64(m * 1000 + n if swapped else n * 1000 + m) + np.uint64(1))
            for at in range(n + m):
                second = at >= (m if swapped else n)
                place = at - (m if swapped else n) if second else at
                word, length = (b, m) if second != (swapped == 1) else (a, n)
                letter = word[length - 1 - place if backwards else place]
                if names[letter] == 0:
                    used += 1
                    names[letter] = used
                value = _mix(value + np.uint64(names[letter]))
            least = min(least, value)
    return _mix(least)


@njit(cache=True, nogil=True)
def _is_held_out(a: Array, n: int, b: Array, m: int) -> bool:
    return n + m > FEW and _fingerprint(a, n, b, m) % np.uint64(HELD_OUT_SHARE) == np.uint64(0)


@njit(cache=True, nogil=True)
def _held_out(inputs: Array, held: Array) -> None:
    for k in range(len(inputs)):
        a, b, n, m = _words(inputs[k])
        held[k] = _is_held_out(a, n, b, m)


@njit(cache=True, nogil=True)
def _make(inputs: Array, low: int, high: int, few: int, many: int, unrelated: float, side: int, state: Array) -> int:
    """Fill `inputs` with pairs; how many, before one ran out of tries. side: -1 any, 0 train, 1 held out."""
    alphabet, half = np.arange(26), inputs.shape[1] // 2
    for k in range(len(inputs)):
        a, b = inputs[k, :half], inputs[k, half:]
        done = False
        for _ in range(10_000):
            a[:] = PAD
            b[:] = PAD
            letters = few + _below(state, many - few + 1)
            for i in range(letters):  # the first ones of a shuffled alphabet
                other = i + _below(state, 26 - i)
                alphabet[i], alphabet[other] = alphabet[other], alphabet[i]
            n = low + _below(state, high - low + 1)
            for i in range(n):
                a[i] = LETTER + alphabet[_below(state, letters)]
            if _below(state, 1_000_000) < unrelated * 1_000_000:
                m = low + _below(state, high - low + 1)
                for j in range(m):
                    b[j] = LETTER + alphabet[_below(state, letters)]
            else:
                m = n
                b[:] = a
                for _ in range(1 + _below(state, n)):
                    kind, letter = _below(state, 3), LETTER + alphabet[_below(state, letters)]
                    if kind == 0 and m > low:
                        for j in range(_below(state, m), m):
                            b[j] = b[j + 1] if j + 1 < m else PAD
                        m -= 1
                    elif kind == 1 and m < high:
                        at = _below(state, m + 1)
                        for j in range(m, at, -1):
                            b[j] = b[j - 1]
                        b[at] = letter
                        m += 1
                    elif kind == 2:
                        b[_below(state, m)] = letter
            a[n], b[m] = BAR, ASK
            done = side < 0 or _is_held_out(a, n, b, m) == (side == 1)
            if done:
                break
        if not done:
            return k
    return len(inputs)


# ------------------------------------------------------------------------------------------------------------ the task


class Strings:
    """Two words and one number about them. `size`: the longest words of training; up to `longest` letters are read."""

    kind = "words"
    columns: tuple[str, ...] = ("s1", "s2")
    verifiable = False
    things = "pairs of words"
    gap, change, border, common = 2, 3, 2, False
    what = "number"  # in a sentence

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size
        self.examples = tuple((text, text) for text in EXAMPLES if max(map(len, text.split())) <= size)
        self.longest = size + size // 3
        self.length = 2 * self.longest + 2
        self.vocab = NUMBER + self.most + 1
        self.usual = f"1 to {size} letters"

    @property
    def most(self) -> int:
        """The largest number that two words of `longest` letters can need: when they are equal, all of it is shared."""
        return self.longest if self.common else 2 * self.gap * self.longest

    # ------------------------------------------------------------------------------------------------ text and tokens

    def parse(self, text: str) -> Words:
        """Two words of the letters a to z (capitals count as small), with anything like "," or "->" between them.

        Raises ValueError. A word longer than those of training gives a warning on the Words."""
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"The text has {len(text)} characters; type two words of at most {self.longest} letters.")
        words = [word.strip("'\"`“”‘’") for word in _BETWEEN.split(text.strip("\ufeff \t\r\n")) if word]
        words = [word for word in words if word]
        for number, word in enumerate(words, start=1):
            for sign in word:
                if sign.lower() not in LETTERS:
                    shown = f"'{sign}'" if sign.isprintable() else "an invisible character"
                    if not sign.isascii() or not sign.isprintable():
                        shown += f" ({unicodedata.name(sign, f'U+{ord(sign):04X}')})"
                    raise ValueError(f"Word {number} holds {shown}; use the letters a to z.")
        if len(words) != 2:
            found = {0: "There are no words yet", 1: f"There is one word, '{words[0][:40]}'" if words else ""}.get(
                len(words), f"There are {len(words)} words"
            )
            raise ValueError(f"{found}; type two, such as 'kitten sitting'.")
        for number, word in enumerate(words, start=1):
            if len(word) > self.longest:
                raise ValueError(f"Word {number} has {len(word)} letters; {self.name} reads at most {self.longest}.")
        beyond = max(map(len, words))
        warnings = (
            (f"{beyond} letters are more than the {self.size} that models of {self.name} are trained on.",)
            if beyond > self.size
            else ()
        )
        return Words(words[0].lower(), words[1].lower(), warnings)

    def encode(self, words: Words) -> NDArray[np.int64]:
        """(length,) int64 tokens; ValueError for words that do not fit."""
        tokens = np.full((2, self.longest + 1), PAD, np.int64)
        for row, word, end in zip(tokens, (words.first, words.second), (BAR, ASK), strict=True):
            if len(word) > self.longest:
                raise ValueError(f"{self.name} reads words of at most {self.longest} letters, not {len(word)}.")
            row[: len(word)] = [LETTER + LETTERS.index(sign) for sign in word]
            row[len(word)] = end
        return tokens.ravel()

    def words(self, tokens: ArrayLike) -> tuple[str, str]:
        """The two words of (length,) tokens."""
        first, second, n, m = _words(self._checked(tokens))
        return "".join(LETTERS[token - LETTER] for token in first[:n]), "".join(
            LETTERS[token - LETTER] for token in second[:m]
        )

    def said(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.int64]:
        """(…,) the number that answers (…, length) give at the "=", negative for a token that is no number."""
        at = (np.asarray(inputs) == ASK).argmax(-1)[..., None]
        shape = np.broadcast_shapes(np.shape(inputs), np.shape(answers))
        token = np.take_along_axis(np.broadcast_to(answers, shape), np.broadcast_to(at, (*shape[:-1], 1)), -1)[..., 0]
        return token.astype(np.int64) - NUMBER

    def decode(self, inputs: ArrayLike, answers: ArrayLike) -> str:
        """'kitten, sitting: 8', with "?" for an answer that is no number."""
        number = int(self.said(inputs, answers))
        return "{}, {}: {}".format(*self.words(inputs), number if number >= 0 else "?")

    def sign(self, token: int) -> str:
        """A letter, "|", "=", a number, or "·" for padding."""
        return str(token - NUMBER) if token >= NUMBER else f"·|={LETTERS}"[token]

    def place(self, tokens: ArrayLike, position: int) -> str:
        """'letter 3 of the first word (t)', 'the mark | after the first word', 'the sign = after the second word' or 'padding', for (length,) tokens."""
        token = int(np.asarray(tokens)[position])
        if LETTER <= token < NUMBER:
            word, letter = divmod(position, self.longest + 1)
            return f"letter {letter + 1} of the {('first', 'second')[word]} word ({self.sign(token)})"
        return {BAR: "the mark | after the first word", ASK: "the sign = after the second word"}.get(token, "padding")

    # ---------------------------------------------------------------------------------------------------- the numbers

    def table(self, first: str, second: str) -> NDArray[np.int64]:
        """(|first| + 1, |second| + 1): the number of every two prefixes; the answer is the last entry."""
        table = costs(first, second, self.gap, self.change, self.border)
        if self.common:
            i, j = np.indices(table.shape)
            table = (i + j - table) // 2
        return table

    def numbers(self, inputs: ArrayLike) -> NDArray[np.int64]:
        """(…, length): the number that is asked at each position of tokens (…, length), -1 where none is."""
        tokens = self._checked(inputs)
        flat = tokens.reshape(-1, self.length)
        numbers = np.empty(flat.shape, np.int64)
        _numbers(flat, self.gap, self.change, self.border, self.common, numbers)
        return numbers.reshape(tokens.shape)

    def right(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """(…,) bool: the answer at the "=" is the number; inputs and answers (…, length), broadcast together."""
        tokens = self._checked(inputs)
        numbers = np.take_along_axis(self.numbers(tokens), (tokens == ASK).argmax(-1)[..., None], -1)[..., 0]
        right: NDArray[np.bool_] = np.asarray(self.said(tokens, self._checked(answers)) == numbers)
        return right

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(…, length) bool: every letter, and the "="."""
        return np.logical_or(np.equal(inputs, ASK), self.clues(inputs))

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(…, length) bool: the letters, not the marks."""
        return np.logical_and(np.greater_equal(inputs, LETTER), np.less(inputs, NUMBER))

    def targets(self, inputs: ArrayLike, answers: ArrayLike) -> NDArray[np.int64]:
        """(count, length) int64: the token of the number at every letter and at the "=", -1 elsewhere."""
        wanted = np.asarray(answers)
        return np.where(wanted >= NUMBER, wanted, -1).astype(np.int64)

    def bands(self, inputs: ArrayLike) -> dict[str, NDArray[np.str_]]:
        """Labels (count,) of pairs by which scores are broken down: letters of the longer word, and the answer."""
        tokens = self._checked(inputs)
        letters = ((tokens >= LETTER) & (tokens < NUMBER)).reshape(len(tokens), 2, -1).sum(-1)
        return {
            "letters": letters.max(-1).astype(np.str_),
            self.what: self.said(tokens, self.answers(tokens)).astype(np.str_),
        }

    def _checked(self, inputs: ArrayLike) -> Tokens:
        """Tokens as int16, for which the compiled parts are made, whatever whole numbers they came as."""
        tokens = np.asarray(inputs)
        if tokens.ndim < 1 or tokens.shape[-1] != self.length or tokens.dtype.kind not in "iu":
            raise ValueError(
                f"{self.name} takes whole numbers (…, {self.length}), not {tokens.dtype} of shape {tokens.shape}."
            )
        return np.ascontiguousarray(tokens, np.int16)

    # ----------------------------------------------------------------------------------------------- making and varying

    def held_out(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(count,) bool: the pair belongs to the held-out side, as all its images under `augment` do; see `FEW`."""
        held = np.empty(len(np.asarray(inputs)), np.bool_)
        _held_out(self._checked(inputs), held)
        return held

    def sample(self, count: int, seed: int = 0, split: str | None = None, **sampling: Any) -> tuple[Tokens, Tokens]:
        """(count, length) int16 pairs and their answers; `sampling` may name letters, alphabet and unrelated.

        The first word has a number of letters drawn from the closed range `letters` (1 to size by default), each drawn from
        an alphabet of a size drawn from the range `alphabet`. The second is such a word of its own (a share of `unrelated`)
        or the first one after up to as many random deletions, insertions and replacements as it has letters, within the
        same range of lengths. A seed gives the same pairs every time, and the first of them for a smaller count. Raises
        ValueError for ranges that cannot be, for an unknown split, and when the split leaves no pair of such lengths,
        TypeError for another keyword.
        """
        sides: dict[str | None, int] = {None: -1, "train": 0, "held-out": 1}
        if split not in sides:
            raise ValueError(f"split must be None, 'train' or 'held-out', not {split!r}.")
        if count < 0:
            raise ValueError(f"count must not be negative, not {count}.")
        inputs = np.full((count, self.length), PAD, np.int16)
        self._fill_in(inputs, np.random.SeedSequence(seed).generate_state(1, np.uint64), sides[split], **sampling)
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
            raise ValueError(f"letters must lie between 1 and {self.longest}, smaller first, not {letters}.")
        if not 1 <= alphabet[0] <= alphabet[1] <= 26:
            raise ValueError(f"alphabet must lie between 1 and 26, smaller first, not {alphabet}.")
        if _make(inputs, low, high, alphabet[0], alphabet[1], float(unrelated), side, state) < len(inputs):
            raise ValueError(
                f"found no pair of {low} to {high} letters on the {('train', 'held-out')[side]} side; ask for longer words."
            )

    def answers(self, inputs: ArrayLike) -> Tokens:
        """(…, length) int16: the token of the number wherever one is asked, padding elsewhere."""
        numbers = self.numbers(inputs)
        return np.where(numbers >= 0, NUMBER + numbers, PAD).astype(np.int16)

    def augment(self, inputs: Tokens, answers: Tokens, rng: np.random.Generator) -> tuple[Tokens, Tokens]:
        """The same pairs in other letters, some of them swapped, some with both words read backwards.

        None of the three changes the answer; backwards needs a border that costs what other gaps do. What is asked at the
        letters follows the letters (swapped) or is worked out again (backwards)."""
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
