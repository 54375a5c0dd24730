"""Two words: the table against plain recursion, tokens, the split, symmetries, what people type."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from looped.tasks import get
from looped.tasks.words.edit_distance import EditDistance, edit_table
from looped.tasks.words.lcs import LCS, lcs_table
from looped.tasks.words.strings import SAVED, UNDER, Strings
from looped.tasks.words.text import Words
from looped.tasks.words.tokens import ASK, BAR, LETTER, NUMBER, PAD

few = settings(derandomize=True, deadline=None, max_examples=40)
words = st.text("abc", max_size=7)
TASKS = ("edit_distance12", "lcs12", "edit_distance12-border1")
every = pytest.mark.parametrize("name", TASKS)


def task(name: str) -> Strings:
    found = get(name)
    assert isinstance(found, Strings)
    return found


# --------------------------------------------------------------------------------------------- slow, independent
# helpers


def slow_distance(a: str, b: str, border: int = 2) -> int:
    """The recurrence as it is written on paper, top down."""

    @cache
    def least(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return border * (i + j)
        return min(least(i - 1, j) + 2, least(i, j - 1) + 2, least(i - 1, j - 1) + 3 * (a[i - 1] != b[j - 1]))

    return least(len(a), len(b))


def is_subsequence(part: str, word: str) -> bool:
    signs = iter(word)
    return all(sign in signs for sign in part)


def slow_common(a: str, b: str) -> int:
    """By trying every subset of letters of the first word."""
    parts = ("".join(sign for k, sign in enumerate(a) if chosen >> k & 1) for chosen in range(2 ** len(a)))
    return max(len(part) for part in parts if is_subsequence(part, b))


def slow_number(found: Strings, a: str, b: str) -> int:
    return slow_common(a, b) if isinstance(found, LCS) else slow_distance(a, b, found.border)


# -------------------------------------------------------------------------------------------------------------- the
# table


@few
@given(words, words)
def test_every_entry_of_the_table_is_the_number_of_its_prefixes(a: str, b: str) -> None:
    tables = {
        edit_table: slow_distance,
        lcs_table: slow_common,
        lambda a, b: edit_table(a, b, border=1): lambda a, b: slow_distance(a, b, 1),
    }
    for table, slow in tables.items():
        found = table(a, b)  # type: ignore[no-untyped-call]
        assert found.shape == (len(a) + 1, len(b) + 1)
        # type: ignore[no-untyped-call]
        assert found.tolist() == [[slow(a[:i], b[:j]) for j in range(len(b) + 1)] for i in range(len(a) + 1)]


@few
@given(words, words, words)
def test_the_distance_is_one_and_the_published_border_is_not(a: str, b: str, c: str) -> None:
    between = {pair: edit_table(*pair)[-1, -1] for pair in ((a, b), (b, c), (a, c), (b, a))}
    assert between[a, c] <= between[a, b] + between[b, c]
    assert between[a, b] == between[b, a]
    assert (between[a, b] == 0) == (a == b)
    assert edit_table("abc", "", border=1)[-1, -1] == 3 != edit_table("abc", "")[-1, -1] == 6


def test_words_that_are_known() -> None:
    assert edit_table("kitten", "sitting")[-1, -1] == 3 + 3 + 2
    assert lcs_table("human", "chimpanzee")[-1, -1] == 4
    assert (get("edit_distance12").table("cat", "at") == edit_table("cat", "at")).all()  # type: ignore[attr-defined]
    # type: ignore[attr-defined]
    assert (get("edit_distance12-border1").table("cat", "at") == edit_table("cat", "at", 1)).all()
    assert (get("lcs12").table("cat", "at") == lcs_table("cat", "at")).all()  # type: ignore[attr-defined]


def test_other_sizes_and_borders_are_refused() -> None:
    for make in (lambda: EditDistance(13), lambda: EditDistance(12, border=3), lambda: LCS(0)):
        with pytest.raises(ValueError, match="sizes"):
            make()


# ---------------------------------------------------------------------------------------------------------- text,
# tokens


@every
@pytest.mark.parametrize(
    "text",
    [
        "kitten sitting",
        "kitten,sitting",
        "  KITTEN ->\n Sitting\n",
        '"kitten" | "sitting"',
        "kitten → sitting",
        "\ufeffkitten;\tsitting",
    ],
)
def test_two_words_in_whatever_form(name: str, text: str) -> None:
    assert task(name).parse(text) == Words("kitten", "sitting")


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "There are no words yet; type two, such as 'kitten sitting'."),
    (" , ", "There are no words yet"),
    ("kitten", "There is one word, 'kitten'; type two"),
    ("a b c", "There are 3 words; type two"),
    ("kitten sitt1ng", "Word 2 holds '1'; use the letters a to z."),
    ("naïve sitting", "Word 1 holds 'ï' (LATIN SMALL LETTER I WITH DIAERESIS); use the letters a to z."),
    ("a\0 b", "Word 1 holds an invisible character (U+0000); use"),
    ("kitten abcdefghijklmnopq", "Word 2 has 17 letters; edit_distance12 reads at most 16."),
    ("a" * 3000, "The text has 3000 characters; type two words of at most 16 letters."),
    ("İ a", "Word 1 holds 'İ'"),
])  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as error:
        task("edit_distance12").parse(text)
    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


@few
@given(st.text())
def test_the_parser_knows_no_other_error(text: str) -> None:
    try:
        found = task("lcs12").parse(text)
    except ValueError:
        return
    assert task("lcs12").words(task("lcs12").encode(found)) == (found.first, found.second)


def test_words_longer_than_in_training_are_read_with_a_warning() -> None:
    assert task("lcs12").parse("abcdefghijkl a").warnings == ()
    (warning,) = task("lcs12").parse("abcdefghijklm a").warnings
    assert warning == "13 letters are more than the 12 that models of lcs12 are trained on."


def test_tokens_stand_where_they_are_said_to() -> None:
    found = task("edit_distance12")
    tokens = found.encode(found.parse("ab z"))
    assert (tokens.shape, tokens.dtype) == ((34,), np.int64)
    expected = [LETTER, LETTER + 1, BAR] + 14 * [PAD] + [LETTER + 25, ASK] + 15 * [PAD]
    assert tokens.tolist() == expected
    with pytest.raises(ValueError, match="at most 16 letters"):
        found.encode(Words("a", "b" * 17))


@every
def test_the_largest_number_has_a_token(name: str) -> None:
    found = task(name)
    for b in "ab":  # what is shared is largest for equal words, the distance for words without a common letter
        words = Words(found.longest * "a", found.longest * b)
        assert NUMBER + found.table(words.first, words.second).max() < found.vocab
        assert found.answers(found.encode(words)).max() < found.vocab
    assert found.answers(found.encode(Words(found.longest * "a", found.longest * "a"))).max() == found.vocab - 1


@every
@few
@given(a=st.text("abcd", min_size=1, max_size=8), b=st.text("abcd", min_size=1, max_size=8))
def test_every_letter_is_asked_for_what_its_prefix_shares_with_the_other_word(name: str, a: str, b: str) -> None:
    found = task(name)
    tokens = found.encode(Words(a, b))
    answers = found.answers(tokens)
    asked = found.targets(tokens[None], answers[None])[0]

    def shared(a: str, b: str) -> int:
        return slow_common(a, b) if name == "lcs12" else 2 * (len(a) + len(b)) - slow_distance(a, b, found.border)

    by_hand = {i: shared(a[: i + 1], b) for i in range(len(a))}
    by_hand |= {found.longest + 1 + j: shared(a, b[: j + 1]) for j in range(len(b))}
    number = by_hand[found.longest + 1 + len(b)] = slow_number(found, a, b)
    assert {place: int(token) - NUMBER for place, token in enumerate(asked) if token >= 0} == by_hand
    assert found.right(tokens, answers)
    assert found.decode(tokens, answers) == f"{a}, {b}: {number}"


def test_only_the_answer_at_the_equals_sign_counts() -> None:
    found = task("lcs12")
    tokens = np.stack([found.encode(found.parse(text)) for text in ("abc abd", "ab ba")])
    answers = np.zeros((5, 2, found.length), int)
    numbers = NUMBER + np.array([[2, 1], [2, 2], [1, 1], [0, 0], [-NUMBER, -4]])
    answers[:, 0, 17 + 3], answers[:, 1, 17 + 2] = numbers.T
    assert found.right(tokens, answers).tolist() == [
        [True, True],
        [True, False],
        [False, True],
        [False, False],
        [False, False],
    ]
    assert found.right(tokens[0], answers[:, 0]).tolist() == [True, True, False, False, False]
    assert found.decode(tokens[0], answers[4, 0]) == "abc, abd: ?"
    for bad in (tokens[:, :-1], tokens.astype(float)):
        with pytest.raises(ValueError, match="34"):
            found.right(bad, answers)


# ------------------------------------------------------------------------------------------------------- making, the
# split


@every
@pytest.mark.parametrize("split", [None, "train", "held-out"])
def test_samples_are_pairs_with_their_answers(name: str, split: str | None) -> None:
    found = task(name)
    inputs, answers = found.sample(300, seed=5, split=split)
    assert inputs.shape == answers.shape == (300, found.length)
    assert inputs.dtype == answers.dtype == np.int16
    assert found.right(inputs, answers).all()
    for row, answer in zip(inputs[:40], answers[:40], strict=True):
        a, b = found.words(row)
        assert 1 <= min(len(a), len(b)) <= max(len(a), len(b)) <= found.size
        assert (row == found.encode(Words(a, b))).all()
        assert answer[row == ASK] == NUMBER + slow_number(found, a, b)
    if split:
        assert (found.held_out(inputs) == (split == "held-out")).all()
    assert {len(found.words(row)[0]) for row in inputs} == set(range(1, 13))
    together = min(len(a + b) for a, b in map(found.words, inputs))
    assert together == 7 if split == "held-out" else together < 4  # pairs of so few letters are all trained on


@every
def test_a_seed_fixes_the_pairs(name: str) -> None:
    found = task(name)
    first, again, other = (found.sample(50, seed=seed, split="train")[0] for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any(1).mean() > 0.9
    assert (found.sample(20, seed=3, split="train")[0] == first[:20]).all()
    assert found.sample(0)[0].shape == (0, found.length)


def test_samples_can_be_asked_for_by_length_alphabet_and_likeness() -> None:
    found = task("edit_distance12")
    inputs, answers = found.sample(200, letters=(10, 12), alphabet=(2, 2), unrelated=1.0)
    pairs = [found.words(row) for row in inputs]
    assert {len(word) for pair in pairs for word in pair} == {10, 11, 12}
    assert max(len(set(a + b)) for a, b in pairs) == 2
    related = found.sample(200, letters=(10, 12), alphabet=(2, 2), unrelated=0.0)
    assert found.said(*related).mean() < found.said(inputs, answers).mean() - 1
    assert max(len(word) for row in found.sample(200, letters=(13, 16))[0] for word in found.words(row)) == 16


def test_the_hardest_pairs_are_of_full_length_unlike_and_over_few_letters_or_all() -> None:
    lcs = task("lcs12")
    tokens = lcs.sample_hardest(41, seed=7)
    assert np.array_equal(lcs.sample_hardest(20, seed=7), tokens[:20])
    pairs = [lcs.words(row) for row in tokens]
    assert {len(word) for pair in pairs for word in pair} == {12}
    letters = [len(set("".join(pair))) for pair in pairs]
    assert max(letters[::2]) <= 4
    assert min(letters[1::2]) > 8
    shared = [lcs.numbers(row[None])[0].max() for row in tokens]
    assert np.mean(shared[1::2]) < 4  # of twelve: no word was made from the other
    assert lcs.hardest_file() is None


@pytest.mark.parametrize(("asked", "problem"), [
    ({"count": -1}, "count must not be negative"), ({"split": "test"}, "split must be None, 'train' or 'held-out'"),
    ({"letters": (0, 3)}, "words have 1 to 16 letters, smaller first, not 0 to 3"),
    ({"letters": (5, 3)}, "smaller first"),
    ({"letters": (3, 17)}, "16"),
    ({"alphabet": (0, 3)}, "alphabet must lie between 1 and 26"), ({"alphabet": (2, 27)}, "26"),
    ({"letters": (1, 3), "split": "held-out"}, "found no pair of 1 to 3 letters on the held-out side"),
])  # fmt: skip
def test_samples_that_cannot_be_are_refused(asked: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        task("lcs12").sample(**{"count": 5, "seed": 0, **asked})  # type: ignore[arg-type]


@every
def test_the_split_is_by_class_so_that_no_image_of_a_held_out_pair_is_trained_on(name: str) -> None:
    found, rng = task(name), np.random.default_rng(0)
    inputs, answers = found.sample(400, seed=1)
    held = found.held_out(inputs)
    assert 0.02 < held.mean() < 0.2
    for _ in range(4):
        inputs, answers = found.augment(inputs, answers, rng)
        assert (found.held_out(inputs) == held).all()
    a, b = "abca", "cab"
    images = [(a, b), (b, a), (a[::-1], b[::-1]), ("xyzx", "zxy")]
    assert len({bool(found.held_out(found.encode(Words(*pair))[None])[0]) for pair in images}) == 1


def test_train_and_held_out_have_no_pair_in_common() -> None:
    found = task("lcs12")
    sides = [{row.tobytes() for row in found.sample(3000, seed=2, split=split)[0]} for split in ("train", "held-out")]
    assert not sides[0] & sides[1]


@every
def test_augmenting_changes_the_pair_and_not_what_is_right(name: str) -> None:
    found = task(name)
    inputs, answers = found.sample(300, seed=7)
    varied, solved = found.augment(inputs, answers, np.random.default_rng(1))
    assert (varied.dtype, solved.dtype, varied.shape) == (inputs.dtype, answers.dtype, inputs.shape)
    assert (varied != inputs).any(1).mean() > 0.9
    assert (found.said(varied, solved) == found.said(inputs, answers)).all()
    assert (solved == found.answers(varied)).all()
    turned = 0
    for before, after in zip(inputs, varied, strict=True):
        (a, b), (c, d) = found.words(before), found.words(after)
        assert (after == found.encode(Words(c, d))).all()
        images = [(a, b), (b, a), (a[::-1], b[::-1]), (b[::-1], a[::-1])]
        same = [[[*word].index(sign) for sign in word] for word in (c + d, *(x + y for x, y in images))]
        fitting = [k for k, (first, _) in enumerate(images) if same[1 + k] == same[0] and len(first) == len(c)]
        assert fitting
        turned += fitting[0] > 1
    assert (turned == 0) == (found.border != found.gap)  # backwards only where that is a symmetry


@every
def test_scores_can_be_broken_down_by_letters_and_by_answer(name: str) -> None:
    found = task(name)
    inputs, answers = found.sample(60, seed=3)
    bands = found.bands(inputs)
    assert list(bands) == ["letters", "letters of both", "common" if name == "lcs12" else "distance", "apart by"]
    letters, _, numbers, _ = bands.values()
    assert letters.tolist() == [str(max(map(len, found.words(row)))) for row in inputs]
    assert numbers.tolist() == [str(number) for number in found.said(inputs, answers)]


def test_scores_can_be_broken_down_by_both_lengths_and_by_distance() -> None:
    pairs = [("abcde", "ab"), ("abcdefghijkl", "mnopqrstuvwx"), ("abc", "abc")]
    for name, most in (("lcs12", "24 to 31"), ("edit_distance12", "32 to 39")):
        found = task(name)
        bands = found.bands(np.array([found.encode(Words(*pair)) for pair in pairs]))
        assert bands["letters of both"].tolist() == ["1 to 4 and 5 to 8", "9 to 12 and 9 to 12", "1 to 4 and 1 to 4"]
        # All 24 letters are not in common; 12 letters changed at 3 each are 36.
        assert bands["apart by"].tolist() == ["0 to 7", most, "0 to 7"]


def test_what_each_change_costs_is_said_where_the_answer_is_told() -> None:
    """abc → abd is 3 here, everywhere else 1; the sentence holds of pairs that need one change alone."""
    rule = "A letter put in or taken out costs 2, one replaced 3."
    distances = [int(edit_table(*pair)[-1, -1]) for pair in (("abc", "abcd"), ("abcd", "abc"), ("abc", "abd"))]
    assert distances == [2, 2, 3]
    said = task("edit_distance12").verdicts(Words("abc", "abd"))
    assert said["right"] == f"The model says {{said}}, which is right. {rule} {SAVED.format(gap=2)}"
    assert said["wrong"] == f"The model says {{said}}; right is 3. {rule} {SAVED.format(gap=2)}"
    assert said["rule"] == rule
    assert task("edit_distance12-border1").verdicts(Words("a", "b"))["rule"].startswith(f"{rule} Along the edges")


@pytest.mark.parametrize("name", ["lcs12", "edit_distance12", "edit_distance12-border1"])
def test_the_number_under_a_letter_is_what_the_sentence_says(name: str) -> None:
    """A student checks it against the last column and row of the table; for kitten → sitting they are 1, 5, 9, …"""
    found, words = task(name), Words("kitten", "sitting")
    table, said = found.table(words.first, words.second), found.verdicts(words)["right"]
    column, row = table[1:, -1], table[-1, 1:]
    if name == "lcs12":
        assert said.endswith(UNDER)
        assert column.tolist() == [0, 1, 2, 3, 3, 4]
    else:
        assert said.endswith("2 times the letters of both, minus their distance.")
        column, row = 2 * (np.arange(1, 7) + 7) - column, 2 * (6 + np.arange(1, 8)) - row
        if found.border == 2:
            assert table[1:, -1].tolist() == [15, 13, 11, 9, 10, 8]
            assert column.tolist() == [1, 5, 9, 13, 14, 18]
    solution = np.array(found.facts(words)["solution"]) - NUMBER  # what "Check answer" judges by
    assert solution[:6].tolist() == column.tolist()
    assert solution[found.length // 2 :][:7].tolist() == row.tolist()
    assert "share in the same order" in task("lcs12").verdicts(Words("abc", "abd"))["rule"]
