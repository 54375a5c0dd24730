"""The Sudoku page without a browser: what a visitor is sent for every kind of request, good, wrong and malformed."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from boards import CLASH, DEFAULT, EASY, GENTLE4, MANY, MEDIUM, SIX, SUDOKU, UNSOLVABLE, WELCOME, Open
from messages import ask, read_meta, read_runs, same_arrays

from looped.catalogue import checkpoints
from looped.lenses.readout import readout
from looped.lenses.solver import solver_view
from looped.runs.trace import record
from looped.runs.variants import variants
from looped.serving.engine import Engine
from looped.serving.request import from_link
from looped.serving.views import message_bytes
from looped.tasks.sudoku.logic import order
from looped.tasks.sudoku.page import PAGE
from looped.tasks.sudoku.task import Sudoku
from looped.tasks.sudoku.text import parse

SENTENCE = 260  # signs of one that may name all changes


# ─── what a newcomer sees ────────────────────────────────────────────────────────────────────────────────────────


def test_newcomer_sees_the_easy_board_with_a_whole_trace(visit: Open) -> None:
    """Default view: board, checkpoint, twice the trained loops, every array in its shape, a welcome, true badge."""
    here = visit()
    meta, arrays = here.meta, here.arrays
    assert here.view == DEFAULT
    assert (meta["message"], meta["entry"], meta["request"], meta["size"]) == (WELCOME, EASY, 0, 9)
    assert meta["loops"] == 32
    loops, layers, heads = 32, here.about["layers"], here.about["heads"]
    assert (len(here.runs), meta["versus"]) == (1, "")  # nothing is compared
    assert {name: array.shape for name, array in arrays.items() if name != "scales"} == {
        "tokens": (81,),
        "probabilities": (loops, 81, 10),
        "attention": (loops, layers, heads, 81, 81),
        "trajectory": (loops + 1, 81, 6),
        "wrote": (loops, 2),
        "wrote_share": (loops, 2),
        "injected": (loops,),
        "residual_relative": (loops,),
        "residual_absolute": (loops,),
        "residual_cell": (loops, 81),
        "strengths": (loops, layers, 4),
        "settled": (81,),
        "unsettled": (81,),
        "order": (81,),
        "technique": (81,),
        "distances": (loops + 1, 81),
        "steps": (3, loops),
        "whole": (4, loops),
        "ranks": (loops, 81),
        "rules": (7, loops, layers, heads),
        "rules_even": (7, loops),
        "asked": (81,),
        "right": (loops,),
        "answers": (loops, 81),
        "runner_up": (loops, 81),
        "entropy": (loops, 81),
        "flips": (loops, 81),
        "doubtful": (loops,),
        "wrong": (loops,),
        "conflicts": (loops, 81),
        "strongest": (loops, layers, heads, 81),
        "strongest_head": (loops, layers, 81),
        "strongest_ties": (loops, layers, heads + 1, 81),
        "near": (loops, layers, heads + 1, 81),
        "near_even": (81,),
        "even": (81,),
        "ends_wrong": (81,),
        "blank_read": (81,),
        "length": (loops,),
        "rules_most": (loops, layers, heads + 1, 2),
        "nearer": (loops + 1,),
        "trend": (loops,),
        "trend_loop": (loops,),
        "stops": (8,),
        "alike": (1 + 4 * layers, loops * (loops + 1) // 2),
        "alike_mean": (1 + 4 * layers, loops),
        "turns_most": (loops, layers),
    }
    assert arrays["wrong"][-1] == 0
    assert arrays["asked"].tolist() == (arrays["tokens"] == 0).tolist()
    assert arrays["right"].tolist() == [
        Sudoku(9).right(arrays["tokens"], said) for said in arrays["probabilities"].argmax(-1)
    ]
    assert arrays["scales"].shape[:3] == (loops, layers, 4)
    assert arrays["tokens"].tolist() == parse(EASY).givens.tolist()
    assert np.allclose(arrays["probabilities"].astype(float).sum(-1), 1, atol=0.01)
    assert np.allclose(((arrays["attention"] / 255) ** 2).sum(-1), 1, atol=0.15)  # 81 rounded weights
    weights = checkpoints.CATALOGUE / "sudoku9-tmlt" / "model.safetensors"
    assert here.about["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert here.meta["drift"] == {"difference": None, "faithful": None}  # the question "recorded" measures it
    offered = [entry["name"] for entry in meta["checkpoints"]]
    assert [name for name in offered if "~" not in name] == SUDOKU
    assert meta["solution"] == "".join(map(str, parse(EASY).solution))
    assert {EASY, MEDIUM, GENTLE4} <= {example["text"] for example in meta["examples"]}


@pytest.mark.parametrize("name", [name for name in SUDOKU if "standard" not in name] or ["(the catalogue is empty)"])
def test_shipped_checkpoint_solves_its_first_board(visit: Open, name: str) -> None:
    """The Easy (9×9) or Gentle (4×4, 6×6) board is right after the last loop that the app shows.

    The only test about quality. (A standard transformer is there to show what a few layers without a loop cannot do.)
    """
    assert name in SUDOKU
    board = {9: EASY, 6: SIX, 4: GENTLE4}[int(name.removeprefix("sudoku")[0])]
    here = visit(checkpoint=name, puzzle=board)
    assert here.view[:2] == (board, name)
    said = here.arrays["probabilities"][-1].argmax(-1)
    final = np.where(here.arrays["tokens"] > 0, here.arrays["tokens"], said)
    assert final.tolist() == parse(board).solution.tolist()


# ─── links ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_link_restores_checkpoint_board_and_loops(visit: Open) -> None:
    """A link that names all three is shown as it says, without a message, and the person's board holds it."""
    here = visit(v="1", puzzle=MEDIUM, checkpoint="sudoku9-looped", loops="7", loop="3", cell="5")
    assert here.view == (MEDIUM, "sudoku9-looped", 7)
    assert here.meta["message"] is None
    assert here.meta["entry"] == MEDIUM
    assert here.arrays["tokens"].tolist() == parse(MEDIUM).givens.tolist()
    assert "strengths" not in here.arrays  # a looped checkpoint has no timestep scales


def test_link_with_only_a_checkpoint_shows_a_board_that_fits(visit: Open) -> None:
    """What a link leaves out is filled: a 4×4 checkpoint comes with a 4×4 board and its own number of loops."""
    here = visit(checkpoint="sudoku4-looped")
    assert here.view == (GENTLE4, "sudoku4-looped", here.about["trained_loops"])
    assert here.meta["message"] is None


BAD_LINKS = {
    "unknown checkpoint": {"checkpoint": "sudoku9-missing"},
    "board with letters": {"puzzle": "hello"},
    "empty board": {"puzzle": ""},
    "loops in letters": {"loops": "abc"},
    "no loops": {"loops": "0"},
    "empty loops": {"loops": ""},
    "negative loops": {"loops": "-3"},
    "too many loops": {"loops": "99999"},
    "far too many loops": {"loops": "9" * 5000},
    "fraction of a loop": {"loops": "3.5"},
    "superscript digits": {"loops": "¹²"},
    "arabic digits": {"loops": "١٢"},
    "another version": {"v": "9", "puzzle": MEDIUM, "checkpoint": "sudoku9-looped", "loops": "7"},
}


@pytest.mark.parametrize("query", BAD_LINKS.values(), ids=BAD_LINKS.keys())
def test_bad_link_shows_the_default_picture_and_one_message(visit: Open, query: dict[str, str]) -> None:
    """A link with a wrong value never breaks the page: the newcomer's picture, and one sentence about what is wrong."""
    here = visit(**query)
    assert here.view == DEFAULT
    assert here.meta["entry"] == EASY
    message = here.meta["message"]
    assert message["kind"] in ("error", "warning")
    assert 20 < len(message["text"]) < 200
    assert message["text"].endswith(".")
    assert here.meta["loops"] == len(here.arrays["probabilities"])


GOOD_PARTS = {  # query, the picture, and what is said to be shown instead
    "a bad board": (
        {"puzzle": "hello", "checkpoint": "sudoku4-looped", "loops": "5"},
        (GENTLE4, "sudoku4-looped", 5),
        "An example for sudoku4-looped is shown instead.",
    ),
    "a bad board alone": (
        {"puzzle": "abc", "loops": "5"},
        (*DEFAULT[:2], 5),
        f"An example for {DEFAULT[1]} is shown instead.",
    ),
    "a bad checkpoint": (
        {"checkpoint": "../../etc", "puzzle": MEDIUM, "loops": "5"},
        (MEDIUM, DEFAULT[1], 5),
        f"{DEFAULT[1]} is shown instead.",
    ),
    "a bad change": (
        {"checkpoint": "sudoku9-looped~nonsense", "puzzle": MEDIUM, "loops": "5"},
        (MEDIUM, "sudoku9-looped", 5),
        "sudoku9-looped is shown instead.",
    ),
}


@pytest.mark.parametrize(("query", "view", "instead"), GOOD_PARTS.values(), ids=GOOD_PARTS.keys())
def test_a_bad_part_of_a_link_leaves_its_good_parts(
    visit: Open, query: dict[str, str], view: tuple[str, str, int], instead: str
) -> None:
    here = visit(**query)
    assert here.view == view
    assert here.meta["entry"] == view[0]
    assert here.meta["message"]["kind"] == "error"
    assert here.meta["message"]["text"].endswith(instead)
    assert len(here.meta["message"]["text"]) < SENTENCE


@pytest.mark.parametrize("puzzle", [CLASH, UNSOLVABLE])
def test_wrong_board_in_a_link_is_not_lost(visit: Open, puzzle: str) -> None:
    """A board that only needs mending stays on the board, under the message.

    What the model answers beside it is about its own cells that leave a solution, not about the newcomer's board.
    """
    here = visit(puzzle=puzzle, loops="5")
    assert (here.view[1:], here.meta["message"]["kind"]) == ((DEFAULT[1], 5), "error")
    assert here.meta["entry"] == puzzle.replace("0", ".")
    pairs = list(zip(here.view[0], here.meta["entry"], strict=True))
    assert all(run in (".", typed) for run, typed in pairs)
    assert 1 <= sum(run != typed for run, typed in pairs) <= 2


def test_checkpoint_of_another_size_may_be_chosen_while_the_board_is_wrong(visit: Open) -> None:
    """What is wrong on a board that the new checkpoint does not play is no reason to refuse it."""
    here = ask(visit(), puzzle=CLASH, checkpoint="sudoku4-looped")
    assert here.view[:2] == (GENTLE4, "sudoku4-looped")
    assert here.meta["message"] == {"kind": "warning", "text": "sudoku4-looped plays 4×4 boards, so here is one."}


def test_typing_and_choosing_a_checkpoint_of_another_size_at_once(visit: Open) -> None:
    """The checkpoint that was chosen counts, even when the board has changed in the same moment."""
    here = ask(visit(), puzzle=MEDIUM, checkpoint="sudoku4-looped")
    assert here.view[:2] == (GENTLE4, "sudoku4-looped")


def test_small_board_in_a_link_comes_with_the_loops_of_its_checkpoint(visit: Open) -> None:
    """What the link leaves out belongs to the checkpoint that the board chose."""
    here = visit(puzzle=GENTLE4)
    assert here.view == (GENTLE4, "sudoku4-tmlt", here.about["trained_loops"])


def test_link_parameters_of_others_are_ignored(visit: Open) -> None:
    """Parameters that are not the page's, such as those that mail programs add, change nothing and say nothing."""
    here = visit(utm_source="mail", v="9")
    assert here.view == DEFAULT
    assert here.meta["message"] == WELCOME


# ─── comparing ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_checkpoints_travel_in_one_message(visit: Open) -> None:
    """`versus` in a link: two runs of the same board, each with its own arrays, name, hash and trained loops."""
    here = visit(puzzle=MEDIUM, checkpoint="sudoku9-tmlt", versus="sudoku9-looped", loops="6")
    alone = visit(puzzle=MEDIUM, checkpoint="sudoku9-looped", loops="6")
    first, second = here.meta["runs"]
    assert (here.view, here.meta["versus"], here.meta["message"]) == (
        (MEDIUM, "sudoku9-tmlt", 6),
        "sudoku9-looped",
        None,
    )
    assert (
        [about["name"] for about in (first, second)]
        == [about["label"] for about in (first, second)]
        == ["sudoku9-tmlt", "sudoku9-looped"]
    )
    assert (
        second["sha256"] == checkpoints.read_info(checkpoints.CATALOGUE / "sudoku9-looped")["sha256"] != first["sha256"]
    )
    for run, own in (
        (here.runs[1], alone.arrays),
        (here.runs[0], visit(puzzle=MEDIUM, checkpoint="sudoku9-tmlt", loops="6").arrays),
    ):
        assert not np.array_equal(
            run.pop("trajectory"), own.pop("trajectory")
        )  # which are in one basis when two runs are compared
        assert run.pop("differ").shape == (6, 81)
        assert same_arrays(run, own)
    assert "scales" in here.runs[0]
    assert "scales" not in here.runs[1]


def test_what_is_compared_is_what_the_library_computes(visit: Open) -> None:
    """Both runs of a variant against its checkpoint are the trace that `looped.record` makes of them."""
    here = visit(puzzle=MEDIUM, checkpoint="sudoku9-tmlt~frozen", versus="sudoku9-tmlt", loops="5")
    for run, about, name in zip(here.runs, here.meta["runs"], ("sudoku9-tmlt~frozen", "sudoku9-tmlt"), strict=True):
        checkpoint = checkpoints.load_checkpoint(name)
        trace = record(checkpoint.model, checkpoint.task.encode(parse(MEDIUM)), 5)
        assert about["name"] == name
        assert np.array_equal(run["probabilities"].argmax(-1), trace.answers)
        np.testing.assert_allclose(run["probabilities"].astype(float), trace.probabilities, atol=2e-3)
        np.testing.assert_allclose((run["attention"] / 255) ** 2, trace.attention, atol=0.01)
    assert here.meta["runs"][0]["label"] == "sudoku9-tmlt, timestep frozen at 0"
    assert not np.array_equal(here.runs[0]["probabilities"], here.runs[1]["probabilities"])


def test_what_may_be_compared_fits_the_board(visit: Open) -> None:
    """The list of what can be compared with it.

    The other checkpoints of that size and the variants of this one, each once, and never itself.
    """
    for name, size in (("sudoku9-looped", 9), ("sudoku9-tmlt", 9), ("sudoku4-tmlt~frozen", 4)):
        here = visit(checkpoint=name, loops="2")
        offered = [name for group in here.meta["comparisons"] for name, _ in group["names"]]
        base = name.partition("~")[0]
        wanted = {f"{base}~{kind}" for kind in variants(checkpoints.load_checkpoint(base).model)}
        wanted |= {other for other in SUDOKU if other.startswith(f"sudoku{size}-")}
        assert len(offered) == len(set(offered))
        assert set(offered) == wanted - {name}
        assert {entry["name"] for entry in here.meta["checkpoints"]} >= {name, *SUDOKU}
        assert all(words for group in here.meta["comparisons"] for _, words in group["names"])


WRONG_SECOND = {
    "itself": ("sudoku9-tmlt", "beside itself"),
    "unknown": ("nobody", "'nobody'"),
    "of another size": ("sudoku4-tmlt", "another size"),
    "unknown variant": ("sudoku9-tmlt~melted", "'melted' is not a change"),
    "variant it cannot have": ("sudoku9-looped~frozen", "no variant 'frozen'"),
    "variant of a variant": ("sudoku9-tmlt~frozen~hardmax", "'frozen~hardmax' is not a change"),
    "change it cannot have": ("sudoku9-looped~freeze=3", "no timestep encoding"),
    "change without its number": ("sudoku9-tmlt~freeze", "written freeze=T"),
    "a path": ("../../etc/passwd", "passwd'"),
    "very long": ("sudoku" * 10_000, "sudokusudoku"),
}


@pytest.mark.parametrize(("versus", "says"), WRONG_SECOND.values(), ids=WRONG_SECOND.keys())
def test_wrong_second_checkpoint_is_told_and_nothing_is_compared(visit: Open, versus: str, says: str) -> None:
    """In a link and in a request: the board is run, alone, and one sentence says why."""
    for here in (
        visit(puzzle=MEDIUM, checkpoint="sudoku9-tmlt", versus=versus, loops="3"),
        ask(visit(loops="3"), puzzle=MEDIUM, versus=versus),
    ):
        assert here.view == (MEDIUM, "sudoku9-tmlt", 3)
        assert (len(here.runs), here.meta["versus"]) == (1, "")
        assert here.meta["message"]["kind"] == "warning"
        assert says in here.meta["message"]["text"]
        assert len(here.meta["message"]["text"]) < SENTENCE


@pytest.mark.parametrize(
    "versus", [None, "", 0, False, 7, True, [], ["sudoku9-looped"], {}, {"a": 1}, 2.5, "\ud800"], ids=repr
)
def test_second_checkpoint_of_any_type_never_raises(visit: Open, versus: Any) -> None:
    """What is nothing compares nothing and is not worth a word; anything else is told."""
    here = ask(visit(loops="2"), puzzle=MEDIUM, versus=versus)
    assert here.view == (MEDIUM, "sudoku9-tmlt", 2)
    assert len(here.runs) == 1
    assert bool(here.meta["message"]) == bool(versus)


def test_comparing_goes_on_while_the_board_is_edited_and_ends_with_another_size(visit: Open) -> None:
    here = ask(visit(versus="sudoku9-looped", loops="3"), puzzle=MEDIUM, versus="sudoku9-looped")
    assert (len(here.runs), here.meta["message"]) == (2, None)
    here = ask(here, puzzle=CLASH, versus="sudoku9-looped")  # the last good board goes on, compared
    assert (len(here.runs), here.meta["message"]["kind"], here.view[0]) == (2, "error", MEDIUM)
    here = ask(here, puzzle=GENTLE4, versus="sudoku9-looped")
    assert (len(here.runs), here.view[:2]) == (1, (GENTLE4, "sudoku4-tmlt"))
    assert "another size" in here.meta["message"]["text"]


def test_a_standard_transformer_beside_a_loop_ends_with_its_layers(small: Engine) -> None:
    """Each run has as many loops as its model can do, and says so."""
    both = from_link(small, PAGE, {"checkpoint": "sudoku9-looped", "versus": "sudoku9-standard", "loops": "8"})
    data = message_bytes(small, both)
    meta, runs = read_meta(data), read_runs(data)
    assert both.message is None
    assert (meta["loops"], [about["loops"] for about in meta["runs"]]) == (8, [8, 3])
    assert [len(run["probabilities"]) for run in runs] == [8, 3]


# ─── solution and logic ──────────────────────────────────────────────────────────────────────────────────────────


def test_solution_is_sent_only_when_there_is_one(visit: Open) -> None:
    """With several solutions there is nothing to check an answer against."""
    assert visit(puzzle=MEDIUM, loops="2").meta["solution"] == "".join(map(str, parse(MEDIUM).solution))
    assert visit(puzzle=MANY, loops="2").meta["solution"] is None


def test_order_of_logic_is_the_library_s(visit: Open) -> None:
    """Rounds and techniques of the singles, when the model settled, and how well the two agree."""
    here = visit(puzzle=MEDIUM, checkpoint="sudoku9-looped", loops="12")
    board = parse(MEDIUM)
    found = order(board.givens, 9)
    assert here.arrays["order"].tolist() == found.rounds.tolist()
    assert [["", "naked", "hidden"][code] for code in here.arrays["technique"]] == found.techniques.tolist()
    checkpoint = checkpoints.load_checkpoint("sudoku9-looped")
    read = readout(record(checkpoint.model, checkpoint.task.encode(board), 12).logits)
    settled, unsettled = read.settled, read.unsettled
    blanks = np.equal(board.givens, 0)
    assert here.arrays["settled"].tolist() == np.where(blanks, settled, 1).tolist()
    astray = blanks & (read.answers[-1] != board.solution)
    expected = solver_view(settled, found.rounds, unsettled | astray)
    assert here.about["order_correlation"] == pytest.approx(expected.correlation)
    assert here.about["order_counted"] == expected.counted
    reached = found.rounds > 0
    assert here.about["order_unsettled"] == (unsettled & ~astray & reached).sum()
    assert here.about["order_missed"] == (astray & reached).sum()
    assert here.about["ends_on"] == [astray.sum(), 0]
    assert here.about["order_alike"] == []
    assert (
        visit(puzzle=MANY, loops="2").about["order_correlation"] is None
    )  # singles reach nothing: not a number, which JSON has no word for


@pytest.mark.parametrize("puzzle", [CLASH, "1" + EASY[1:]])
def test_nothing_of_a_board_without_a_solution_is_called_right(visit: Open, puzzle: str) -> None:
    """What is run is a copy of it with givens left out, which has an answer; that answer is of another board."""
    plain = visit(puzzle=EASY, checkpoint="sudoku9-looped", loops="16")
    assert plain.arrays["right"].any()
    here = visit(puzzle=puzzle, checkpoint="sudoku9-looped", versus="sudoku9-looped~hardmax", loops="16")
    assert here.meta["instead"] == "copy"
    assert not here.meta["judged"]
    assert here.meta["solution"] is None
    for run in here.meta["runs"]:
        told = {name: run[name] for name in ("first_right", "right_since", "overthinking", "unjudged")}
        assert told == {"first_right": None, "right_since": None, "overthinking": None, "unjudged": True}
        assert "right" not in run["verdict"]["sentence"].lower()
        assert "wrong" not in run["verdict"]["sentence"].lower()
    assert not here.arrays["right"].any()
    assert "wrong" not in here.arrays
