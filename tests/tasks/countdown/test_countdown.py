"""Countdown: solver and judge against plain search, tokens, the split, what people type."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from looped.tasks import get
from looped.tasks.countdown.compiled import EQUALS, NUMBER
from looped.tasks.countdown.forms import FORMS
from looped.tasks.countdown.search import OPERATIONS, Node, Step, solutions, steps, tree
from looped.tasks.countdown.task import Countdown
from looped.tasks.countdown.text import Problem

few = settings(derandomize=True, deadline=None, max_examples=40)
every = pytest.mark.parametrize("name", list(FORMS))
SIGNS = {
    "+": lambda a, b: a + b,
    "×": lambda a, b: a * b,
    "-": lambda a, b: a - b,
    "÷": lambda a, b: a // b if b and a % b == 0 else -1,
}


def task(name: str = "countdown4") -> Countdown:
    found = get(name)
    assert isinstance(found, Countdown)
    return found


# --------------------------------------------------------------------------------------------- slow, independent
# helpers


def reachable(numbers: tuple[int, ...]) -> set[int]:
    """Everything that all of some numbers can make, the plain way: every ordered pair, every sign."""
    if len(numbers) == 1:
        return {numbers[0]}
    found = set()
    for i, j in itertools.permutations(range(len(numbers)), 2):
        rest = tuple(number for k, number in enumerate(numbers) if k not in (i, j))
        for work in SIGNS.values():
            if (c := work(numbers[i], numbers[j])) >= 0:
                found |= reachable((*rest, c))
    return found


def slow_right(numbers: tuple[int, ...], target: int, equations: list[str]) -> bool:
    """Whether equations, as text, solve a problem."""
    left = [*numbers]
    for equation in equations:
        match = re.fullmatch(r"(\d+)([+×÷-])(\d+)=(\d+)", equation)
        if not match:
            return False
        a, sign, b, c = int(match[1]), match[2], int(match[3]), int(match[4])
        for number in (a, b):
            if number not in left:
                return False
            left.remove(number)
        if SIGNS[sign](a, b) != c:  # a difference below zero is never written
            return False
        left.append(c)
    return left == [target]


def tokens_of(found: Countdown, way: tuple[Step, ...]) -> np.ndarray:
    row = np.zeros(found.length, int)
    for number, step in enumerate(way):
        first = found.count + 1 + 5 * number
        row[first : first + 5] = (
            NUMBER + step.a,
            1 + OPERATIONS.index(step.operation),
            NUMBER + step.b,
            EQUALS,
            NUMBER + step.c,
        )
    return row


# ------------------------------------------------------------------------------------------------------------ the
# search


@few
@given(st.lists(st.integers(1, 12), min_size=2, max_size=4))
def test_the_search_finds_all_that_can_be_made_and_only_that(numbers: list[int]) -> None:
    able = reachable(tuple(numbers))
    for target in (*range(0, 30), max(able)):
        ways = solutions(numbers, target)
        assert bool(ways) == (target in able)
        assert len(set(ways)) == len(ways)
        assert all(slow_right(tuple(numbers), target, [*map(str, way)]) for way in ways)


def test_every_solution_is_found_once() -> None:
    """Counted over all sequences of pairs and signs, larger number first, equal numbers taken as one."""
    for numbers, target in (
        ((1, 2, 3, 4), 24),
        ((5, 5, 5, 1), 24),
        ((3, 3, 8, 8), 24),
        ((2, 2, 2), 8),
        ((4, 4, 2, 1), 12),
    ):
        found: set[tuple[str, ...]] = set()

        def search(left: tuple[int, ...], path: tuple[str, ...]) -> None:
            if len(left) == 1:
                if left[0] == target:  # noqa: B023
                    found.add(path)  # noqa: B023
                return
            for i, j in itertools.permutations(range(len(left)), 2):
                a, b = left[i], left[j]
                for sign, work in SIGNS.items():
                    if a >= b and (c := work(a, b)) >= 0:
                        search(
                            (*(left[k] for k in range(len(left)) if k not in (i, j)), c), (*path, f"{a}{sign}{b}={c}")
                        )

        search(numbers, ())
        assert sorted(found) == sorted(tuple(map(str, way)) for way in solutions(numbers, target))


def test_the_tree_holds_the_ways_to_the_target_and_no_others() -> None:
    root = tree([2, 3, 4, 6], 24)
    assert root is not None
    assert root.step is None
    assert root.numbers == (6, 4, 3, 2)

    def leaves(node: Node) -> int:
        assert len({way.step for way in node.ways}) == len(node.ways)
        assert node.ways or node.numbers == (24,)
        for way in node.ways:
            assert way.step is not None
            assert (way.step, way.numbers) in list(steps(node.numbers))
        return sum(map(leaves, node.ways)) if node.ways else 1

    assert leaves(root) == len(solutions([2, 3, 4, 6], 24))
    assert tree([1, 1], 5) is None
    assert solutions([1, 1], 5) == []
    assert [len(solutions([10, 10, 5], 95, most)) for most in (None, 100, 99)] == [1, 1, 0]


# ---------------------------------------------------------------------------------------------------------- text,
# tokens


@pytest.mark.parametrize(
    "text",
    [
        "3 5 7 2 = 36",
        "3 5 7 2 36",
        "3,5,7,2,36",
        "3 5 7 2 → 36",
        "3, 5, 7, 2 -> 36",
        '"3 5 7 2", 36',
        " 3;5;7;2\n36\n",
        "3 5 7 2 | 36",
    ],
)
def test_a_problem_in_whatever_form(text: str) -> None:
    assert task().parse(text) == Problem((3, 5, 7, 2), 36)


@pytest.mark.parametrize(("text", "sentence"), [
    ("4 7 6 = 5 = 3", "There are 2 signs '='; write one, before the target, as in '4 7 6 5 = 28'."),
    ("28 = 4 7 6 5", "The target is one number, behind '=' and last, as in '4 7 6 5 = 28'."),
    ("", "There are no numbers yet; type 4 numbers and a target, such as '4 7 6 5 = 28'."),
    ("7", "There is 1 number; type 4 numbers"),
    ("3 5 7 = 36", "There are 3 numbers and a target; type 4 numbers and a target"),
    ("1 2 3 4 5 = 36", "There are 5 numbers and a target; type"),
    ("3 5 seven 2 = 36", "'s' belongs to no whole number; type"),
    ("3 5 -7 2 = 36", "'-' belongs to no whole number; type"),
    ("3 5 7.5 2 = 36", "'.' belongs to no whole number; type"),
    ("3 5 7 ² = 36", "'²' belongs to no whole number; type"),
    ("3 5 7\0 2 = 36", "'an invisible character' belongs"),
    ("3 5 7 0 = 36", "The number 0 is not from 1 to 100, as every number of countdown4 must be."),
    ("3 5 7 2 = 101", "The target 101 is not from 1 to 100"),
    ("3 5 7 " + "9" * 60 + " = 10", "The number 99999999999999999999 is not from"),
    ("1 1 1 1 = 90", "There is no way to make 90 of 1, 1, 1, 1, using all of them, in whole numbers from 0 on; try"),
    ("3 3 8 8 = 24", "There is no way to make 24 of 3, 3, 8, 8, using all of them, in whole numbers from 0 on;"),
    ("1 " * 200, "The text has 400 characters; type"),
])  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as error:
        task().parse(text)
    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


@few
@given(st.text(st.sampled_from("0123456789 ,=->x²."), max_size=20))
def test_the_parser_knows_no_other_error(text: str) -> None:
    try:
        found = task("countdown3").parse(text)
    except ValueError:
        return
    assert task("countdown3").problem(task("countdown3").encode(found)) == Problem(found.numbers, found.target)


@every
def test_the_example_in_the_error_is_a_problem_of_that_task(name: str) -> None:
    with pytest.raises(ValueError, match="such as '") as error:
        task(name).parse("")
    example = str(error.value).partition("'")[2].rstrip("'.")
    assert task(name).parse(example).warnings == ()


def test_what_is_offered_for_a_first_look_at_four_numbers_was_never_trained_on() -> None:
    found = task()
    assert found.held_out(np.array([found.encode(found.parse(text)) for _, text in found.examples])).all()
    assert all(found.parse(text).warnings == () for _, text in found.examples)


def test_problems_unlike_those_of_training_are_read_with_a_warning() -> None:
    assert task().parse("3 5 7 2 = 36").warnings == ()
    for text in ("25 5 7 2 = 96", "1 2 3 4 = 5"):
        (warning,) = task().parse(text).warnings
        assert warning == "Training used 4 numbers from 1 to 10, targets from 10 to 100; this problem is beyond that."
    *_, above = task("countdown3").parse("20 9 12 = 15").warnings  # 20 × 9 = 180, 180 ÷ 12
    assert above == "Every solution passes a number above 100, which countdown3 has no token for."


def test_what_is_beyond_training_is_said_of_the_model_at_hand() -> None:
    problem = "1 1 11 11 = 24"
    assert "numbers from 1 to 10," in task().parse(problem).warnings[0]
    known = task().trained_on([{"high": 15}, {"high": 20, "targets": (5, 50)}])
    assert known.parse(problem).warnings == ()
    assert known.read(problem)[1].warnings == ()
    (beyond,) = known.parse("21 1 1 1 = 24").warnings
    assert beyond == "Training used 4 numbers from 1 to 20, targets from 5 to 100; this problem is beyond that."
    assert (known.high, known.usual) == (task().high, task().usual)  # what is generated stays
    assert task().trained_on([]).trained == task().trained


def test_tokens_stand_where_they_are_said_to() -> None:
    found = task()
    tokens = found.encode(found.parse("3 5 7 2 = 36"))
    assert (tokens.tolist(), tokens.dtype) == ([9, 11, 13, 8, 42] + [0] * 15, np.int64)
    way = solutions([3, 5, 7, 2], 36)[0]
    assert found.decode(tokens, tokens_of(found, way)) == f"3 5 7 2 → 36: {', '.join(map(str, way))}"
    assert found.steps(np.zeros(20, int)) == ["_ _ _ _ _"] * 3
    odd = np.zeros(20, int)
    odd[5:15] = [6 + 4, 6 + 61, 6 + 2, 5, 6 + 16, 6 + 3, 1, 6 + 5, 5, 6 + 8]
    assert found.steps(odd)[:2] == ["4 61 2 = 16", "3+5=8"]
    assert (found.targets(tokens, tokens_of(found, way))[:5] == -1).all()
    with pytest.raises(ValueError, match="takes 4 numbers, not 3"):
        found.encode(Problem((1, 2, 3), 6))


# ---------------------------------------------------------------------------------------------------------------
# judging


@few
@given(st.integers(0, 2**32 - 1))
def test_every_solution_is_right_and_whatever_replay_refuses_is_wrong(seed: int) -> None:
    found, rng = task(), np.random.default_rng(seed)
    inputs, _ = found.sample(1, seed=seed)
    problem = found.problem(inputs[0])
    answers = np.stack([tokens_of(found, way) for way in solutions(problem.numbers, problem.target, found.most)])
    assert found.right(inputs[0], answers).all()
    assert found.holds(inputs[0], answers).all()
    spoilt = answers[rng.integers(len(answers), size=60)]
    for row in spoilt:  # a few tokens replaced, as often as not by what is there
        for place in rng.integers(found.count + 1, found.length, size=rng.integers(1, 4)):
            row[place] = rng.choice(row) if rng.random() < 0.7 else rng.integers(found.vocab)
    expected = [slow_right(problem.numbers, problem.target, found.steps(row)) for row in spoilt]
    assert found.right(inputs[0], spoilt).tolist() == expected
    assert found.right(np.repeat(inputs, 60, 0), spoilt).tolist() == expected


def test_an_answer_may_differ_from_the_one_that_is_trained_on() -> None:
    found = task("countdown3")
    tokens = found.encode(found.parse("4 3 5 = 35"))
    assert [", ".join(map(str, way)) for way in solutions([4, 3, 5], 35)] == ["4+3=7, 7×5=35"]

    def right(*equations: tuple[int, str, int, int]) -> bool:
        return bool(found.right(tokens, tokens_of(found, tuple(Step(*equation) for equation in equations))))

    assert right((4, "+", 3, 7), (7, "×", 5, 35))
    assert right((3, "+", 4, 7), (5, "×", 7, 35))  # either order
    assert not right((4, "+", 3, 7), (7, "+", 5, 12))  # true, but not the target
    assert not right((4, "+", 3, 8), (7, "×", 5, 35))
    assert not right((5, "×", 7, 35), (4, "+", 3, 7))  # 7 is not there yet
    assert not right((4, "+", 4, 8), (8, "×", 5, 40))  # 4 is there once
    answers = tokens_of(found, (Step(4, "+", 3, 8), Step(7, "×", 5, 35)))
    assert found.holds(tokens, answers).tolist() == [False, False]
    for bad in (tokens[:-1], tokens.astype(float)):
        with pytest.raises(ValueError, match="14"):
            found.right(bad, answers)


# ------------------------------------------------------------------------------------------------------- making, the
# split


@every
@pytest.mark.parametrize("split", [None, "train", "held-out"])
def test_samples_are_problems_with_a_solution(name: str, split: str | None) -> None:
    found = task(name)
    inputs, answers = found.sample(200, seed=5, split=split)
    assert inputs.shape == answers.shape == (200, found.length)
    assert inputs.dtype == answers.dtype == np.int16
    assert answers.max() < found.vocab
    assert found.right(inputs, answers).all()
    for row, answer in zip(inputs[:30], answers[:30], strict=True):
        problem = found.problem(row)
        assert max(problem.numbers) <= found.high
        assert 10 <= problem.target <= 100
        assert (row == found.encode(problem)).all()
        assert (answer == tokens_of(found, solutions(problem.numbers, problem.target, found.most)[0])).all()
    if split:
        assert (found.held_out(inputs) == (split == "held-out")).all()


@pytest.mark.parametrize("shown", [0, 1, 2])
def test_samples_with_steps_given_ask_for_the_others(shown: int) -> None:
    """They are the problems of the same seed, and on the same side; what is given is what would have been asked."""
    found = task()
    (bare, answers), (inputs, again) = (
        found.sample(50, seed=3, split="held-out", shown=number) for number in (0, shown)
    )
    first = found.count + 1 + 5 * shown
    assert (again == answers).all()
    assert (inputs[:, : found.count + 1] == bare[:, : found.count + 1]).all()
    assert (inputs[:, found.count + 1 : first] == answers[:, found.count + 1 : first]).all()
    assert (found.targets(inputs, answers)[:, :first] == -1).all()
    assert (found.targets(inputs, answers)[:, first:] == answers[:, first:]).all()
    assert found.held_out(inputs).all()
    assert found.right(inputs, answers).all()
    assert found.right(inputs, np.where(found.asked(inputs), answers, 0)).all()  # nobody is asked for what is given
    varied, same = found.augment(inputs, answers, np.random.default_rng(0))
    assert (varied[:, found.count :] == inputs[:, found.count :]).all()
    assert found.right(varied, same).all()


@pytest.mark.parametrize("shown", [0, 1, 2])
def test_the_ways_of_a_problem_are_its_first_solutions_that_begin_as_it_does(shown: int) -> None:
    found = task()
    inputs, answers = found.sample(40, seed=4, high=8, shown=shown)
    first = found.count + 1 + 5 * shown
    many = []
    for row, ways in zip(inputs, found.ways(inputs, 20), strict=True):
        problem = found.problem(row)
        all_of_them = [tokens_of(found, way) for way in solutions(problem.numbers, problem.target, found.most)]
        wanted = [way for way in all_of_them if (way[found.count + 1 : first] == row[found.count + 1 : first]).all()]
        many.append(len(wanted))
        assert (ways[:, :first] == -1).all()
        assert (ways[: len(wanted), first:] == np.array(wanted[:20])[:, first:]).all()
        assert (ways[len(wanted) :] == -1).all()
    assert max(many) > 1
    assert (max(many) > 20) == (shown == 0)
    assert (found.ways(inputs, 1)[:, 0] == found.targets(inputs, answers)).all()


def test_a_seed_fixes_the_problems() -> None:
    found = task()
    first, again, other = (found.sample(50, seed=seed, split="train")[0] for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any(1).mean() > 0.9
    assert (found.sample(20, seed=3, split="train")[0] == first[:20]).all()
    assert found.sample(0)[0].shape == (0, 20)


@pytest.mark.parametrize(("asked", "problem"), [
    ({"count": -1}, "count must not be negative"), ({"split": "test"}, "split must be None, 'train' or 'held-out'"),
    ({"high": 0}, "high and targets must lie between 1 and 100"),
    ({"targets": (20, 10)}, "smaller first"),
    ({"targets": (10, 101)}, "100"),
    ({"shown": 3}, "so that a step is left to find, not 3"), ({"shown": -1}, "from 0 to 2"),
    ({"high": 1, "targets": (90, 90)}, "found no countdown4 problem with numbers to 1"),
])  # fmt: skip
def test_samples_that_cannot_be_are_refused(asked: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        task().sample(**{"count": 5, "seed": 0, **asked})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="countdown3, countdown4, countdown4x99"):
        Countdown("countdown9")


@every
def test_the_split_does_not_depend_on_the_order_and_neither_does_the_solution(name: str) -> None:
    found, rng = task(name), np.random.default_rng(0)
    inputs, answers = found.sample(300, seed=1)
    held = found.held_out(inputs)
    assert 0.01 < held.mean() < 0.13
    varied, solved = found.augment(inputs, answers, rng)
    assert (varied != inputs).any(1).mean() > 0.5
    assert (np.sort(varied[:, : found.count]) == np.sort(inputs[:, : found.count])).all()
    assert (varied[:, found.count :] == inputs[:, found.count :]).all()
    assert (found.held_out(varied) == held).all()
    assert found.right(varied, solved).all()
    assert (solved == answers).all()


def test_train_and_held_out_have_no_problem_in_common() -> None:
    found = task()
    sides = [
        {(*sorted(row[:4].tolist()), int(row[4])) for row in found.sample(3000, seed=2, split=split)[0]}
        for split in ("train", "held-out")
    ]
    assert not sides[0] & sides[1]


def number_sets(found: Countdown, inputs: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(sorted(row[: found.count])) for row in inputs.tolist()}


@pytest.mark.parametrize("name", ["countdown3", "countdown4"])
def test_sets_of_numbers_can_be_held_out_whole(name: str) -> None:
    """By problems nearly all numbers of one side are met on the other; by numbers none is."""
    found = task(name)
    for split_by, common in (("problems", True), ("numbers", False)):
        sides = [found.sample(1500, seed=2, split=split, split_by=split_by)[0] for split in ("train", "held-out")]
        assert bool(number_sets(found, sides[0]) & number_sets(found, sides[1])) is common
        assert found.held_out(sides[1], split_by).all()
        assert not found.held_out(sides[0], split_by).any()
    held, answers = found.sample(50, seed=2, split="held-out", split_by="numbers")
    assert found.right(held, answers).all()
    assert (
        found.sample(50, seed=2, split="held-out")[0]
        == found.sample(50, seed=2, split="held-out", split_by="problems")[0]
    ).all()
    assert found.describe_sampling({"split_by": "numbers"}).endswith(", split by their numbers")
    with pytest.raises(ValueError, match="split_by must be one of 'problems', 'numbers', 'targets', not 'steps'"):
        found.sample(5, split_by="steps")


def test_targets_can_be_held_out_whole() -> None:
    """No target of a held-out problem is met in training, while its numbers are, with other targets."""
    found = task("countdown3")
    train, held = (found.sample(1500, seed=2, split=split, split_by="targets")[0] for split in ("train", "held-out"))
    targets = [{found.problem(row).target for row in side} for side in (train, held)]
    assert targets == [set(range(10, 101)) - targets[1], {50, 69, 73, 83}]  # one in sixteen or so
    assert found.held_out(held, "targets").all()
    assert not found.held_out(train, "targets").any()
    near = found.near_training(held[:50], split_by="targets")
    assert near is not None
    assert near.near.mean() > 0.9
    assert found.describe_sampling({"split_by": "targets"}).endswith(", split by their targets")


def test_whether_the_numbers_of_a_problem_were_met_follows_from_the_split() -> None:
    found = task("countdown3")
    inputs, _ = found.sample(20, seed=6, split="held-out")
    only = found.encode(found.parse("4 29 29 = 54"))  # no other problem of these numbers is on the training side
    inputs = np.vstack([inputs, only])
    known = found.near_training(inputs)
    assert known is not None
    assert known.words == "problems whose numbers the training side has with other targets"
    for row, near in zip(inputs, known.near, strict=True):
        numbers = found.problem(row).numbers
        others = [target for target in range(10, 101) if solutions(numbers, target, found.most)]
        problems = np.array([found.encode(Problem(numbers, target)) for target in others])
        assert near == (~found.held_out(problems)).any()
    assert known.near[:20].any()
    assert found.near_training(inputs, split_by="numbers") is None


def test_scores_can_be_broken_down_by_target_and_by_number_of_solutions() -> None:
    found = task("countdown3")
    inputs = np.stack([found.encode(found.parse(text)) for text in ("4 3 5 = 35", "10 1 10 = 100", "2 2 6 = 10")])
    assert found.bands(inputs)["target"].tolist() == ["30 to 39", "100 to 109", "10 to 19"]
    many = [len(solutions(found.problem(row).numbers, found.problem(row).target, 100)) for row in inputs]
    assert found.bands(inputs)["solutions"].tolist() == [
        "1" if n == 1 else "2 to 4" if n < 5 else "5 to 19" for n in many
    ]


@pytest.mark.parametrize(
    ("name", "text", "failed"),
    [
        ("countdown3", "3 5 7 = 22", ["1 of 2 equations fails", "both equations fail"]),
        (
            "countdown4",
            "3 5 7 1 = 23",
            ["1 of 3 equations fails", "2 of 3 equations fail", "all 3 equations fail"],
        ),
    ],
)
def test_a_wrong_answer_is_told_by_how_many_equations_fail(name: str, text: str, failed: list[str]) -> None:
    task = get(name)
    said = task.verdicts(task.parse(text))
    target = text.partition("= ")[2]
    assert said["wrong"] == f"Not solved: the last does not come to {target}."
    assert [said[key] for key in said if key.startswith("failed")] == [f"Not solved: {words}." for words in failed]
