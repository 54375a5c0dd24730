"""The Sudoku page without a browser: what a visitor is sent for every kind of request, good, wrong and malformed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from looped import checkpoints
from looped.engine import MOST_LOOPS, Engine
from looped.tasks.sudoku import EXAMPLES, parse
from looped.ui.sudoku import WELCOME, Request, Shown, answer, default_loops, first_view, from_link, message_bytes, size_of

EASY, MEDIUM = dict(EXAMPLES[9])["Easy"], dict(EXAMPLES[9])["Medium"]
GENTLE4, SIX = EXAMPLES[4][0][1], EXAMPLES[6][0][1]
DEFAULT = (EASY, "sudoku9-tmlt", 32)
CLASH = "66" + EASY[2:]  # row 1 then holds 6 three times
UNSOLVABLE = "12345678." + "........9" + "." * 63  # the last cell of row 1 can take no digit, yet nothing clashes
MANY = "." * 80 + "1"  # very many solutions

Open = Callable[..., Any]


def same_arrays(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


# ─── what a newcomer sees ────────────────────────────────────────────────────────────────────────────────────────


def test_newcomer_sees_the_easy_board_with_a_whole_trace(visit: Open) -> None:
    """Default view: board, checkpoint, twice the trained loops, every array in its shape, a welcome, true badge."""
    here = visit()
    meta, arrays = here.meta, here.arrays
    assert here.view == DEFAULT
    assert (meta["message"], meta["entry"], meta["request"], meta["size"], meta["box"]) == (WELCOME, EASY, 0, 9, [3, 3])
    assert meta["loops"] == 2 * meta["trained_loops"]
    loops, layers, heads = 32, meta["layers"], meta["heads"]
    assert {name: array.shape for name, array in arrays.items() if name != "scales"} == {
        "tokens": (81,), "probabilities": (loops, 81, 10), "attention": (loops, layers, heads, 81, 81), "trajectory": (loops + 1, 81, 2),
        "residual_relative": (loops,), "residual_cell": (loops, 81), "strengths": (loops, layers, 4),
    }
    assert arrays["scales"].shape[:3] == (loops, layers, 4)
    assert arrays["tokens"].tolist() == parse(EASY).givens.tolist()
    assert np.allclose(arrays["probabilities"].astype(float).sum(-1), 1, atol=0.01)
    assert np.allclose(((arrays["attention"] / 255) ** 2).sum(-1), 1, atol=0.15)  # 81 rounded weights
    weights = checkpoints.CATALOGUE / "sudoku9-tmlt" / "model.safetensors"
    assert meta["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert meta["difference"] < 1e-3
    assert [entry["name"] for entry in meta["checkpoints"]] == checkpoints.names()
    assert {EASY, MEDIUM, GENTLE4} <= {example["text"] for example in meta["examples"]}


@pytest.mark.parametrize("name", checkpoints.names() or ["(the catalogue is empty)"])
def test_shipped_checkpoint_solves_its_first_board(visit: Open, name: str) -> None:
    """The only test about quality: the Easy (9×9) or Gentle (4×4) board is right after the last loop that the app shows."""
    assert name in checkpoints.names()
    board = {9: EASY, 4: GENTLE4}[int(name.removeprefix("sudoku")[0])]
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
    assert here.view == (GENTLE4, "sudoku4-looped", 2 * here.meta["trained_loops"])
    assert here.meta["message"] is None


BAD_LINKS = {
    "unknown checkpoint": {"checkpoint": "sudoku9-missing"},
    "unknown checkpoint with a board": {"checkpoint": "../../etc", "puzzle": MEDIUM, "loops": "5"},
    "board with letters": {"puzzle": "hello"},
    "empty board": {"puzzle": ""},
    "bad board for a known checkpoint": {"puzzle": "hello", "checkpoint": "sudoku4-looped"},
    "bad board and loops": {"puzzle": "hello", "loops": "5"},
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


def test_board_with_a_clash_in_a_link_is_not_lost(visit: Open) -> None:
    """A board that only needs mending stays on the board, under the message and beside the newcomer's picture."""
    here = visit(puzzle=CLASH)
    assert here.view == DEFAULT
    assert here.meta["message"]["kind"] == "error"
    assert here.meta["entry"] == CLASH.replace("0", ".")


def test_typing_and_choosing_a_checkpoint_of_another_size_at_once(visit: Open) -> None:
    """The checkpoint that was chosen counts, even when the board has changed in the same moment."""
    here = ask(visit(), puzzle=MEDIUM, checkpoint="sudoku4-looped")
    assert here.view[:2] == (GENTLE4, "sudoku4-looped")


def test_small_board_in_a_link_comes_with_the_loops_of_its_checkpoint(visit: Open) -> None:
    """What the link leaves out belongs to the checkpoint that the board chose."""
    here = visit(puzzle=GENTLE4)
    assert here.view == (GENTLE4, "sudoku4-tmlt", 2 * here.meta["trained_loops"])


def test_link_parameters_of_others_are_ignored(visit: Open) -> None:
    """Parameters that are not the page's, such as those that mail programs add, change nothing and say nothing."""
    here = visit(utm_source="mail", v="9")
    assert here.view == DEFAULT
    assert here.meta["message"] == WELCOME


# ─── requests of the browser ─────────────────────────────────────────────────────────────────────────────────────


def ask(here: Any, **change: Any) -> Any:
    puzzle, checkpoint, loops = here.view
    return here.ask({"puzzle": puzzle, "checkpoint": checkpoint, "loops": loops, "number": here.meta["request"] + 1, **change})


def test_good_request_is_answered_with_its_own_trace(visit: Open) -> None:
    """Another board, checkpoint and number of loops: the answer carries the request's number and their trace."""
    here = ask(visit(), puzzle=MEDIUM, checkpoint="sudoku9-looped", loops=5)
    assert here.view == (MEDIUM, "sudoku9-looped", 5)
    assert here.meta["request"] == 1
    assert here.meta["message"] is None
    assert here.arrays["tokens"].tolist() == parse(MEDIUM).givens.tolist()
    assert len(here.arrays["probabilities"]) == 5


def test_board_may_come_in_any_usual_form(visit: Open) -> None:
    """A drawn grid and zeros for blanks become the plain text that the browser's board takes over."""
    drawn = "\r\n".join(" ".join(MEDIUM[row * 9 : row * 9 + 9].replace(".", "0")) for row in range(9))
    here = ask(visit(), puzzle=drawn, loops=2)
    assert (here.meta["puzzle"], here.meta["entry"], here.meta["message"]) == (MEDIUM, MEDIUM, None)


def test_request_that_was_answered_is_not_answered_again(visit: Open) -> None:
    """A rerun for another reason must not undo anything: only a new number is a new request."""
    here = ask(visit(), loops=5)
    assert here.ask({"puzzle": MEDIUM, "checkpoint": "sudoku9-looped", "loops": 9, "number": 1}).view == (EASY, "sudoku9-tmlt", 5)


WRONG_BOARDS = {
    "clash": (CLASH, "twice in row 1"),
    "foreign character": ("x" + EASY[1:], "'x'"),
    "too short": (EASY[:-1], "81"),
    "too long": (EASY + "1", "81"),
    "empty": ("   ", "no puzzle"),
    "no solution": (UNSOLVABLE, "no solution"),
    "a novel": ("1" * 100_000, "100000"),
    "half a character": ("\ud800" + EASY[1:], "U+D800"),
    "6×6": (SIX, "6×6"),
}


@pytest.mark.parametrize(("board", "says"), WRONG_BOARDS.values(), ids=WRONG_BOARDS.keys())
def test_wrong_board_keeps_the_last_picture(visit: Open, board: str, says: str) -> None:
    """The arrays of the last good board stay bit for bit, what was typed is left alone, and a sentence says what is wrong."""
    here = ask(visit(), puzzle=MEDIUM, loops=3)
    before = here.arrays
    here = ask(here, puzzle=board)
    assert same_arrays(here.arrays, before)
    assert here.view == (MEDIUM, "sudoku9-tmlt", 3)
    assert here.meta["request"] == 2
    assert here.meta["entry"] is None
    assert here.meta["message"]["kind"] == "error"
    assert says in here.meta["message"]["text"]
    assert len(here.meta["message"]["text"]) < 300
    good = ask(here, puzzle=EASY)  # and the next good board is welcome
    assert (good.view, good.meta["message"]) == ((EASY, "sudoku9-tmlt", 3), None)
    assert not same_arrays(good.arrays, before)


def test_several_solutions_are_a_warning_and_a_trace(visit: Open) -> None:
    """A board with several solutions is run all the same, and the person is told."""
    here = ask(visit(), puzzle=MANY, loops=2)
    assert here.view == (MANY, "sudoku9-tmlt", 2)
    assert here.meta["message"]["kind"] == "warning"
    assert "several solutions" in here.meta["message"]["text"]
    assert here.arrays["tokens"].tolist() == [0] * 80 + [1]


def test_small_board_chooses_a_small_checkpoint(visit: Open) -> None:
    """4×4 text while a 9×9 checkpoint is chosen: the page goes over to a 4×4 one of the same kind and says which."""
    here = ask(visit(), puzzle=GENTLE4, checkpoint="sudoku9-looped")
    assert here.view[:2] == (GENTLE4, "sudoku4-looped")
    assert here.meta["message"]["kind"] == "warning"
    assert "sudoku4-looped" in here.meta["message"]["text"]
    assert (here.meta["size"], here.meta["box"], here.arrays["tokens"].shape) == (4, [2, 2], (16,))


def test_small_checkpoint_brings_a_small_board(visit: Open) -> None:
    """Choosing a 4×4 checkpoint while a 9×9 board is shown: a 4×4 example, and a sentence says why; and back again."""
    here = ask(visit(), checkpoint="sudoku4-looped")
    assert here.view[:2] == (GENTLE4, "sudoku4-looped")
    assert here.meta["entry"] == GENTLE4
    assert "4×4" in here.meta["message"]["text"]
    back = ask(here, checkpoint="sudoku9-looped")
    assert back.view[1] == "sudoku9-looped"
    assert back.meta["size"] == 9
    assert "9×9" in back.meta["message"]["text"]


@pytest.mark.parametrize("loops", [0, -1, MOST_LOOPS + 1, 10**30, 2.5, float("nan"), "8", None, True, [8], {}], ids=repr)
def test_wrong_number_of_loops_keeps_the_former(visit: Open, loops: Any) -> None:
    """Only whole numbers within bounds are loops; anything else is said in a sentence and the former number stays."""
    here = ask(visit(loops="3"), loops=loops)
    assert here.view == (EASY, "sudoku9-tmlt", 3)
    assert f"from 1 to {MOST_LOOPS}" in here.meta["message"]["text"]


MALFORMED: list[Any] = [
    None, 0, 7, -1.5, True, "text", "x" * 100_000, [], [1, 2, 3], {}, {"number": 1}, {"puzzle": EASY, "number": "one"},
    {"puzzle": EASY, "checkpoint": "sudoku9-tmlt", "number": 1},
    {"puzzle": None, "checkpoint": "sudoku9-tmlt", "loops": 5, "number": 2},
    {"puzzle": {"a": 1}, "checkpoint": ["sudoku9-tmlt"], "loops": None, "number": [3]},
    {"puzzle": EASY, "checkpoint": None, "loops": 5, "number": None},
    {"puzzle": EASY, "checkpoint": "x" * 100_000, "loops": 5, "number": 4},
    {"puzzle": 81, "checkpoint": {}, "loops": float("inf"), "number": float("nan")},
    {"puzzle": EASY, "checkpoint": "../sudoku9-tmlt", "loops": 5, "number": 10**20},
]


def test_malformed_requests_never_raise(visit: Open) -> None:
    """Whatever arrives in the component's state: no exception, the newcomer's picture, short messages, and the next good request works."""
    here = visit(loops="2")
    before = here.arrays
    for request in MALFORMED:
        here.ask(request)
        assert here.view == (EASY, "sudoku9-tmlt", 2), request
        assert same_arrays(here.arrays, before), request
        assert len(json.dumps(here.meta["message"])) < 300, request
    for state in (None, {}, {"other": 1}):
        here.app.session_state["microscope"] = state
        assert here.run().view == (EASY, "sudoku9-tmlt", 2), state
    assert here.ask({"puzzle": MEDIUM, "checkpoint": "sudoku9-looped", "loops": 3, "number": 77}).view == (MEDIUM, "sudoku9-looped", 3)


def test_switching_pages_keeps_the_view(visit: Open) -> None:
    """To Models and back: board, checkpoint and loops are still there, and the next request is answered."""
    here = ask(visit(), puzzle=MEDIUM, checkpoint="sudoku9-looped", loops=4)
    here.open("models")
    assert not here.app.get("bidi_component")
    here.open("sudoku")
    assert here.view == (MEDIUM, "sudoku9-looped", 4)
    assert here.meta["request"] == 1
    assert ask(here, loops=6).view == (MEDIUM, "sudoku9-looped", 6)


def test_two_visitors_do_not_share_a_board(visit: Open) -> None:
    """Sessions are separate, although both use one engine."""
    one, other = visit(), visit()
    ask(one, puzzle=MEDIUM, loops=3)
    assert other.run().view == DEFAULT
    assert one.run().view == (MEDIUM, "sudoku9-tmlt", 3)


def test_no_checkpoint_is_said_in_a_sentence(visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A clone without checkpoints shows how to make one, not a traceback."""
    empty = Engine(tmp_path)
    monkeypatch.setattr("looped.ui.sudoku.engine", lambda: empty)
    here = visit()
    assert not here.app.get("bidi_component")
    assert "python -m looped train" in here.app.info[0].value


# ─── the rules themselves, on tiny untrained checkpoints ─────────────────────────────────────────────────────────


def shown(small: Engine, checkpoint: str, loops: int = 6) -> Shown:
    return Shown(parse({4: GENTLE4, 9: EASY}[size_of(small, checkpoint)]), checkpoint, loops)


@pytest.mark.parametrize("kind", ["looped", "tmlt", "standard"])
def test_board_of_another_size_keeps_the_kind_of_checkpoint(small: Engine, kind: str) -> None:
    """9×9 → 4×4 and 4×4 → 9×9 go to the checkpoint with the same second name."""
    for size, other, board in ((9, 4, GENTLE4), (4, 9, MEDIUM)):
        before = shown(small, f"sudoku{size}-{kind}", loops=2)
        now = answer(small, before, Request(board, before.checkpoint, 2, 5))
        assert (now.checkpoint, now.board.text, now.entry, now.loops, now.number) == (f"sudoku{other}-{kind}", board, board, 2, 5)
        assert now.message is not None
        assert now.checkpoint in now.message["text"]


def test_standard_transformer_has_only_its_layers(small: Engine) -> None:
    """A standard transformer runs 1 to `layers` layers: all by default, and more are refused with the right bound."""
    assert default_loops(small, "sudoku9-standard") == 3
    assert default_loops(small, "sudoku9-looped") == 26
    linked = from_link(small, {"checkpoint": "sudoku9-standard"})
    assert (linked.loops, linked.message) == (3, None)
    more = answer(small, linked, Request(linked.board.text, "sudoku9-standard", 4))
    assert more.loops == 3
    assert more.message is not None
    assert "from 1 to 3" in more.message["text"]
    coming = answer(small, shown(small, "sudoku9-looped", loops=20), Request(EASY, "sudoku9-standard", 20))
    assert (coming.checkpoint, coming.loops) == ("sudoku9-standard", 3)
    assert len(json.dumps(coming.message)) < 200
    assert message_bytes(small, coming)


def test_refusal_changes_nothing_but_the_message_and_the_number(small: Engine) -> None:
    """What is on screen stays; an old message goes when the next request is good."""
    before = shown(small, "sudoku9-looped")
    for board, checkpoint in ((CLASH, "sudoku9-looped"), (EASY, "nobody"), (SIX, "sudoku9-looped"), (5, "sudoku9-looped")):
        now = answer(small, before, Request(board, checkpoint, 6, 3))
        assert replace(now, message=None) == replace(before, number=3)
        assert now.message is not None
        assert now.message["kind"] == "error"
        good = answer(small, now, Request(EASY, "sudoku9-looped", 6, 4))
        assert good == replace(before, number=4, entry=EASY)


def test_newcomer_without_the_usual_checkpoint(small: Engine, tmp_path: Path) -> None:
    """The first view takes what the catalogue holds, and says what to do when it holds nothing."""
    assert first_view(small).checkpoint == "sudoku9-tmlt"
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "sudoku4-looped").symlink_to(small.catalogue / "sudoku4-looped")
    only = first_view(Engine(tmp_path / "one"))
    assert (only.checkpoint, only.board.text, only.loops) == ("sudoku4-looped", GENTLE4, 16)
    with pytest.raises(ValueError, match="no Sudoku checkpoint"):
        first_view(Engine(tmp_path))


usual = [EASY, CLASH, GENTLE4, SIX, MANY, UNSOLVABLE, "1", "256", "257", "²", "sudoku4-tmlt", "sudoku9-standard"]
texts = st.one_of(st.text(max_size=20), st.sampled_from(usual))
values = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.integers(), max_size=2), st.just({"a": 1}))
names = st.sampled_from(["sudoku9-tmlt", "sudoku4-looped", "sudoku4-standard", "nobody"])


def test_a_wrong_board_does_not_undo_the_choice_of_a_checkpoint(visit: Open) -> None:
    """The last good board is run with the checkpoint and loops that were asked for, and the message is about the board."""
    here = ask(visit(), puzzle=CLASH, checkpoint="sudoku9-looped", loops=9)
    assert here.view == (EASY, "sudoku9-looped", 9)
    assert here.meta["message"]["kind"] == "error"
    assert here.meta["entry"] is None


def sound(small: Engine, now: Shown) -> bool:
    """It can be drawn: a board that fits its checkpoint, loops within bounds, a short message."""
    config = small.checkpoint(now.checkpoint).config
    most = config.layers if config.architecture == "standard" else MOST_LOOPS
    return size_of(small, now.checkpoint) == now.board.size and 1 <= now.loops <= most and len(json.dumps(now.message)) < 1000


@settings(max_examples=150, deadline=None)
@given(puzzle=values, checkpoint=st.one_of(names, values), loops=values, size=st.sampled_from([4, 9]))
def test_any_request_gives_something_to_draw(small: Engine, puzzle: Any, checkpoint: Any, loops: Any, size: int) -> None:
    """No combination of values raises or leads to a picture that cannot be made; an error leaves the board as it was."""
    before = shown(small, f"sudoku{size}-tmlt")
    now = answer(small, before, Request(puzzle, checkpoint, loops, 1))
    assert sound(small, now)
    if now.message and now.message["kind"] == "error":
        assert now.board == before.board


@settings(max_examples=150, deadline=None)
@given(query=st.dictionaries(st.sampled_from(["puzzle", "checkpoint", "loops", "v", "other"]), st.one_of(names, texts)))
def test_any_link_gives_something_to_draw(small: Engine, query: dict[str, str]) -> None:
    """No link raises; an error shows the newcomer's picture, and the person's board is always filled."""
    now, first = from_link(small, query), first_view(small)
    assert sound(small, now)
    mending = now.message and now.message["kind"] == "error" and now.entry == query.get("puzzle", "").replace("0", ".")
    assert now.entry == now.board.text or mending
    if now.message and now.message["kind"] == "error" and not mending:
        assert replace(now, message=first.message) == first
