"""The Sudoku page without a browser: requests of the browser, good, wrong and malformed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from boards import CLASH, DEFAULT, EASY, GENTLE4, MANY, MEDIUM, SIX, UNSOLVABLE, Open, size_of
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import ask, read_meta, same_arrays

from looped.model.seam import usual_loops
from looped.serving.engine import MOST_LOOPS, Engine
from looped.serving.request import Request, Shown, answer, first_view, from_link
from looped.serving.views import message_bytes
from looped.tasks.paths.page import PAGE as PATHS
from looped.tasks.sudoku.page import PAGE
from looped.tasks.sudoku.text import parse
from looped.ui import view

# ─── requests of the browser ─────────────────────────────────────────────────────────────────────────────────────


def test_a_text_that_another_page_reads_is_told_where(sequences: Engine) -> None:
    """A Countdown problem that was pasted into Sudoku; nothing is said of what no page reads."""
    before = from_link(sequences, PAGE, {"checkpoint": "sudoku4-tmlt"})
    asked = Request("4 7 6 5 = 28", "sudoku4-tmlt", 5)
    said, unread = (answer(sequences, PAGE, before, one).message for one in (asked, replace(asked, puzzle="abc")))
    assert said is not None
    assert said["text"].endswith(" As it stands it is an input of the page Sequences.")
    assert unread is not None
    assert "The page" not in unread["text"]


def test_a_page_that_would_not_show_a_text_as_it_stands_is_not_named() -> None:
    """Two digits are no grid of Paths, but for walls that are added; an empty grid is no Sudoku that is asked."""
    engine = Engine(device="cpu")
    cases = ((PAGE, "sudoku9-looped", "12"), (PATHS, "paths-looped", "....\n....\n....\n...."))
    for page, checkpoint, text in cases:
        before = from_link(engine, page, {"checkpoint": checkpoint})
        said = answer(engine, page, before, Request(text, checkpoint, 5)).message
        assert said is not None
        assert "of the page" not in said["text"]
    given = answer(engine, PATHS, before, Request("4.3..342......2.", "paths-looped", 5)).message
    assert given is not None
    assert given["text"].endswith(" As it stands it is an input of the page Sudoku.")


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
    assert here.ask({"puzzle": MEDIUM, "checkpoint": "sudoku9-looped", "loops": 9, "number": 1}).view == (
        EASY,
        "sudoku9-tmlt",
        5,
    )


WRONG_BOARDS = {
    "clash": (CLASH, "twice in row 1"),
    "foreign character": ("x" + EASY[1:], "'x'"),
    "too short": (EASY[:-1], "81"),
    "too long": (EASY + "1", "81"),
    "empty": ("   ", "no puzzle"),
    "no solution": (UNSOLVABLE, "no solution"),
    "a novel": ("1" * 100_000, "100000"),
    "half a character": ("\ud800" + EASY[1:], "U+D800"),
}


@pytest.mark.parametrize(("board", "says"), WRONG_BOARDS.values(), ids=WRONG_BOARDS.keys())
def test_wrong_board_keeps_the_last_picture(visit: Open, board: str, says: str) -> None:
    """The last good board stays bit for bit, and a sentence says what is wrong.

    A wrong board that is one all the same is drawn; what was typed is left alone for any other text.
    """
    here = ask(visit(), puzzle=MEDIUM, loops=3)
    before = here.arrays
    here = ask(here, puzzle=board)
    assert same_arrays(here.arrays, before)
    assert here.view == (MEDIUM, "sudoku9-tmlt", 3)
    assert here.meta["request"] == 2
    assert here.meta["entry"] == (board if board in (CLASH, UNSOLVABLE) else None)
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
    assert (here.meta["size"], here.arrays["tokens"].shape) == (4, (16,))


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


@pytest.mark.parametrize(
    "loops", [0, -1, MOST_LOOPS + 1, 10**30, 2.5, float("nan"), "8", None, True, [8], {}], ids=repr
)
def test_wrong_number_of_loops_keeps_the_former(visit: Open, loops: Any) -> None:
    """Only whole numbers within bounds are loops; anything else is said in a sentence and the former number stays."""
    here = ask(visit(loops="3"), loops=loops)
    assert here.view == (EASY, "sudoku9-tmlt", 3)
    assert f"from 1 to {MOST_LOOPS}" in here.meta["message"]["text"]


MALFORMED: list[Any] = [
    None,
    0,
    7,
    -1.5,
    True,
    "text",
    "x" * 100_000,
    [],
    [1, 2, 3],
    {},
    {"number": 1},
    {"puzzle": EASY, "number": "one"},
    {"puzzle": EASY, "checkpoint": "sudoku9-tmlt", "number": 1},
    {"puzzle": None, "checkpoint": "sudoku9-tmlt", "loops": 5, "number": 2},
    {"puzzle": {"a": 1}, "checkpoint": ["sudoku9-tmlt"], "loops": None, "number": [3]},
    {"puzzle": EASY, "checkpoint": None, "loops": 5, "number": None},
    {"puzzle": EASY, "checkpoint": "x" * 100_000, "loops": 5, "number": 4},
    {"puzzle": 81, "checkpoint": {}, "loops": float("inf"), "number": float("nan")},
    {"puzzle": EASY, "checkpoint": "../sudoku9-tmlt", "loops": 5, "number": 10**20},
]


def test_malformed_requests_never_raise(visit: Open) -> None:
    """Whatever arrives in the component's state.

    No exception, the newcomer's picture, short messages, and the next good request works.
    """
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
    assert here.ask({"puzzle": MEDIUM, "checkpoint": "sudoku9-looped", "loops": 3, "number": 77}).view == (
        MEDIUM,
        "sudoku9-looped",
        3,
    )


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
    monkeypatch.setattr("looped.ui.view.engine", lambda: empty)
    here = visit()
    assert not here.app.get("bidi_component")
    assert "python -m looped train" in here.app.info[0].value


# ─── the rules themselves, on tiny untrained checkpoints ─────────────────────────────────────────────────────────


def shown(small: Engine, checkpoint: str, loops: int = 6) -> Shown:
    return Shown(parse({4: GENTLE4, 9: EASY}[size_of(small, checkpoint)]), checkpoint, loops)


@pytest.mark.parametrize("kind", ["looped", "tmlt", "standard"])
def test_board_of_another_size_keeps_the_kind_of_checkpoint(small: Engine, kind: str) -> None:
    """9×9 → 4×4 and 4×4 → 9×9 go to the checkpoint with the same second name, at the loops that it was trained with."""
    for size, other, board in ((9, 4, GENTLE4), (4, 9, MEDIUM)):
        before = shown(small, f"sudoku{size}-{kind}", loops=2)
        now = answer(small, PAGE, before, Request(board, before.checkpoint, 2, number=5))
        assert (now.checkpoint, now.input.text, now.entry, now.loops, now.number) == (
            f"sudoku{other}-{kind}",
            board,
            board,
            usual_loops(small.checkpoint(f"sudoku{other}-{kind}").model),
            5,
        )
        assert now.message is not None
        assert now.checkpoint in now.message["text"]


def test_standard_transformer_has_only_its_layers(small: Engine) -> None:
    """A standard transformer runs 1 to `layers` layers: all by default, and more are refused with the right bound."""
    assert usual_loops(small.checkpoint("sudoku9-standard").model) == 3
    assert usual_loops(small.checkpoint("sudoku9-looped").model) == 13
    linked = from_link(small, PAGE, {"checkpoint": "sudoku9-standard"})
    assert (linked.loops, linked.message) == (3, None)
    more = answer(small, PAGE, linked, Request(linked.input.text, "sudoku9-standard", 4))
    assert more.loops == 3
    assert more.message is not None
    assert "from 1 to 3" in more.message["text"]
    coming = answer(small, PAGE, shown(small, "sudoku9-looped", loops=20), Request(EASY, "sudoku9-standard", 20))
    assert (coming.checkpoint, coming.loops) == ("sudoku9-standard", 3)
    assert len(json.dumps(coming.message)) < 200
    assert message_bytes(small, coming)


def test_refusal_changes_nothing_but_the_message_and_the_number(small: Engine) -> None:
    """What is on screen stays; an old message goes when the next request is good."""
    before = shown(small, "sudoku9-looped")
    for board, checkpoint in (
        (CLASH, "sudoku9-looped"),
        (EASY, "nobody"),
        (SIX, "sudoku9-looped"),
        (5, "sudoku9-looped"),
    ):
        now = answer(small, PAGE, before, Request(board, checkpoint, 6, number=3))
        assert replace(now, message=None) == replace(before, number=3, entry=CLASH if board is CLASH else None)
        assert now.message is not None
        assert now.message["kind"] == "error"
        good = answer(small, PAGE, now, Request(EASY, "sudoku9-looped", 6, number=4))
        assert good == replace(before, number=4, entry=EASY)


def test_newcomer_without_the_usual_checkpoint(small: Engine, tmp_path: Path) -> None:
    """The first view takes what the catalogue holds, and says what to do when it holds nothing."""
    assert first_view(small, PAGE).checkpoint == "sudoku9-tmlt"
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "sudoku4-looped").symlink_to(small.catalogue / "sudoku4-looped")
    only = first_view(Engine(tmp_path / "one"), PAGE)
    assert (only.checkpoint, only.input.text, only.loops) == ("sudoku4-looped", GENTLE4, 8)
    with pytest.raises(ValueError, match="no Sudoku checkpoint"):
        first_view(Engine(tmp_path), PAGE)


usual = [EASY, CLASH, GENTLE4, SIX, MANY, UNSOLVABLE, "1", "256", "257", "²", "sudoku4-tmlt", "sudoku9-standard"]
seconds = [
    "",
    "sudoku9-looped",
    "sudoku4-standard",
    "sudoku9-tmlt~hardmax",
    "sudoku4-looped~frozen",
    "sudoku9-tmlt~~",
    "~",
]
texts = st.one_of(st.text(max_size=20), st.sampled_from(usual))
values = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.integers(), max_size=2), st.just({"a": 1})
)
names = st.sampled_from(["sudoku9-tmlt", "sudoku4-looped", "sudoku4-standard", "nobody"])


def test_a_wrong_board_does_not_undo_the_choice_of_a_checkpoint(visit: Open) -> None:
    """The last good board is run with what was asked for, and the message is about the board."""
    here = ask(visit(), puzzle=CLASH, checkpoint="sudoku9-looped", loops=9)
    assert here.view == (EASY, "sudoku9-looped", 9)
    assert here.meta["message"]["kind"] == "error"
    assert here.meta["entry"] == CLASH


@pytest.mark.parametrize("change", [{"versus": "sudoku4-looped"}, {"loops": 12}, {"checkpoint": "sudoku4-looped"}])
def test_what_is_run_beside_a_wrong_board_of_a_link_stays_a_copy(visit: Open, change: dict[str, Any]) -> None:
    """A comparison, other loops, another checkpoint: no board was typed that could be run, so nothing is called right,
    and what is told is what the link of the new view tells."""
    wrong = "44.....2...33..."
    here = visit(puzzle=wrong, entered="1", checkpoint="sudoku4-tmlt")
    told = here.meta["message"]
    here = ask(here, puzzle=here.meta["entry"], **change)
    assert (here.meta["instead"], here.meta["judged"], here.meta["message"]) == ("copy", False, told)
    assert all(run["unjudged"] for run in here.meta["runs"])
    assert here.meta["puzzle"] == "4......2...33..."
    here = ask(here, puzzle="44.....2...33..4")  # another wrong board: what can be run of that one
    assert (here.meta["instead"], here.meta["entry"]) == ("copy", "44.....2...33..4")
    assert here.meta["puzzle"] != "4......2...33..."
    before = here.meta["puzzle"]
    here = ask(here, puzzle="no board")  # it is not drawn: the wrong board before it still is
    assert (here.meta["instead"], here.meta["entry"], here.meta["puzzle"]) == ("copy", None, before)
    here = ask(here, puzzle="4......2...33...")
    assert (here.meta["instead"], here.meta["judged"], here.meta["message"]) == ("", True, None)


def test_an_example_in_the_place_of_a_wrong_input_stays_one(sequences: Engine) -> None:
    """Also when the loops change: the link of that view says the same."""
    query = {"checkpoint": "countdown4-tmlt", "puzzle": "1 1 1 1 = 24"}
    page = sequences.checkpoint("countdown4-tmlt").task.page
    before = from_link(sequences, page, query)
    assert before.instead == "example"
    after = answer(sequences, page, before, Request("1 1 1 1 = 24", "countdown4-tmlt", 7))
    again = from_link(sequences, page, query | {"loops": "7"})
    assert (after.instead, after.loops, after.message) == ("example", 7, again.message)
    assert (after.input, after.instead) == (again.input, again.instead)


def test_a_wrong_board_of_another_size_is_drawn_with_what_can_be_run_of_it(visit: Open) -> None:
    """Undo may bring back a wrong board over a board of another size: then it is that board that stands there."""
    here = ask(visit(), puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=3)
    for checkpoint in ("sudoku9-tmlt", "sudoku4-tmlt"):  # by undo, and pasted
        back = ask(here, puzzle=UNSOLVABLE, checkpoint=checkpoint)
        assert (back.meta["size"], back.meta["entry"], back.about["name"]) == (9, UNSOLVABLE, "sudoku9-tmlt")
        assert "no solution" in back.meta["message"]["text"]
        assert sum(a != b for a, b in zip(back.meta["puzzle"], UNSOLVABLE, strict=True)) == 1  # a given is left out
        ask(here, puzzle=GENTLE4, checkpoint="sudoku4-tmlt")


def test_entries_go_round_with_the_board(visit: Open) -> None:
    """A link tells them from givens; the model reads them all; what they leave is said."""
    entered = "".join(map(str, parse(EASY).solution))[0]
    link = "abcdefghi"[int(entered) - 1] + EASY[1:]
    here = visit(puzzle=entered + EASY[1:], entered="0", checkpoint="sudoku9-tmlt", loops="2")
    assert (here.meta["entry"], here.meta["puzzle"]) == (link, entered + EASY[1:])
    here = ask(here, puzzle=EASY[:1] + "a" + EASY[2:], loops=2)
    assert "The puzzle itself has one solution." in here.meta["message"]["text"]
    assert (here.meta["entry"], here.meta["puzzle"]) == (EASY[:1] + "a" + EASY[2:], entered + EASY[1:])


def sound(small: Engine, now: Shown) -> bool:
    """It can be drawn.

    A board that fits its checkpoint and what it is compared with, loops within bounds, a short message.
    """
    config = small.checkpoint(now.checkpoint).config
    most = config.layers if config.architecture == "standard" else MOST_LOOPS
    assert now.versus == "" or (size_of(small, now.versus) == now.input.size and now.versus != now.checkpoint)
    return (
        size_of(small, now.checkpoint) == now.input.size
        and 1 <= now.loops <= most
        and len(json.dumps(now.message)) < 1000
    )


@settings(max_examples=150, deadline=None)
@given(
    puzzle=values,
    checkpoint=st.one_of(names, values),
    loops=values,
    versus=st.one_of(st.sampled_from(seconds), values),
    size=st.sampled_from([4, 9]),
)
def test_any_request_gives_something_to_draw(
    small: Engine, puzzle: Any, checkpoint: Any, loops: Any, versus: Any, size: int
) -> None:
    """No combination of values raises or leads to a picture that cannot be made.

    An error leaves the board as it was, or shows the wrong board as it was sent beside what can be run of it.
    """
    before = shown(small, f"sudoku{size}-tmlt")
    now = answer(small, PAGE, before, Request(puzzle, checkpoint, loops, versus, 1))
    assert sound(small, now)
    if now.message and now.message["kind"] == "error":
        assert now.input == before.input or now.entry == puzzle


@settings(max_examples=150, deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from(["puzzle", "checkpoint", "versus", "loops", "v", "other"]),
        st.one_of(names, st.sampled_from(seconds), texts),
    )
)
def test_any_link_gives_something_to_draw(small: Engine, query: dict[str, str]) -> None:
    """No link raises; an error keeps what is good of the link, and the person's board is always filled."""
    now = from_link(small, PAGE, query)
    assert sound(small, now)
    mending = now.message and now.message["kind"] == "error" and now.entry == query.get("puzzle", "").replace("0", ".")
    assert now.entry == now.input.text or mending
    if query.get("v", "1") == "1" and query.get("checkpoint") in small.names() and not mending:
        refused = now.message and now.message["kind"] == "error"
        assert now.checkpoint == query["checkpoint"] or not refused


def test_another_checkpoint_opens_at_its_own_trained_loops_unless_others_were_chosen(small: Engine) -> None:
    """The browser asks for the usual number as long as nobody chose another."""
    first = first_view(small, PAGE)
    asked = Request(GENTLE4, "sudoku4-looped", "usual", number=1)
    there = answer(small, PAGE, first, asked)
    assert (first.loops, there.loops) == (13, 8)
    chosen = answer(small, PAGE, first, Request(GENTLE4, "sudoku4-looped", 20, number=1))
    assert chosen.loops == 20
    assert read_meta(message_bytes(small, chosen))["usual_loops"] == 8


def test_loops_that_were_chosen_do_not_go_on_to_another_checkpoint(small: Engine) -> None:
    """Nine by nine beyond training, then a board of another size: that opens as trained. A change of the same one keeps
    them, and so does a link, whatever reads its board."""
    before = replace(first_view(small, PAGE), loops=26)
    changed = answer(small, PAGE, before, Request(EASY, "sudoku9-tmlt~frozen", 26, number=1))
    other = answer(small, PAGE, changed, Request(GENTLE4, "sudoku9-tmlt~frozen", 26, number=2))
    linked = from_link(small, PAGE, {"puzzle": GENTLE4, "checkpoint": "sudoku9-tmlt", "loops": "26"})
    views = [(now.checkpoint, now.loops) for now in (changed, other, linked)]
    assert views == [("sudoku9-tmlt~frozen", 26), ("sudoku4-tmlt", 8), ("sudoku4-tmlt", 26)]


@pytest.mark.parametrize(
    ("first", "asked", "runs"),
    [
        ("", "freeze=3,freeze=5", "freeze=5"),
        ("", "freeze=3,shift=1,freeze=5,freeze=1000", "shift=1,freeze=1000"),
        ("", "temperature=0.5,cut=1,temperature=2", "cut=1,temperature=2"),
        ("", "set=0_1,set=0_2,set=1_1", "set=0_2,set=1_1"),
        ("", "freeze=3,freeze=5@4", "freeze=3,freeze=5@4"),  # from loop 4 on only
        ("", "shift=1,shift=1", "shift=1,shift=1"),  # they add up
        ("freeze=3", "freeze=3,freeze=5,freeze=6", "freeze=3,freeze=6"),  # the first run's own stays
    ],
)
def test_a_change_that_sets_the_same_again_replaces_the_first(small: Engine, first: str, asked: str, runs: str) -> None:
    """In the list, the name and the address. An old link shows what it always did."""
    name = "sudoku4-tmlt" + (f"~{first}" if first else "")
    before = shown(small, "sudoku4-tmlt")
    now = answer(small, PAGE, before, Request(GENTLE4, name, 6, f"sudoku4-tmlt~{asked}", number=1))
    assert (now.versus, now.message) == (f"sudoku4-tmlt~{runs}", None)
    link = {"puzzle": GENTLE4, "checkpoint": name, "versus": f"sudoku4-tmlt~{asked}"}
    assert from_link(small, PAGE, link).versus == f"sudoku4-tmlt~{asked}"


class Rerun(Exception):
    """What Streamlit raises to run a page again."""


class Query(dict[str, str]):
    def to_dict(self) -> dict[str, str]:
        return dict(self)


class AfterARestart:
    """Streamlit as a page sees it whose browser was there before the server: a component's state is known only after
    the component was drawn."""

    def __init__(self, request: Any) -> None:
        self.session_state: dict[str, Any] = {}
        self.query_params = Query({"puzzle": GENTLE4, "checkpoint": "sudoku4-tmlt", "loops": "2"})
        self.request = request
        self.sent: list[int] = []

    def microscope(self, key: str, data: bytes, **_: object) -> None:
        self.sent.append(read_meta(data)["request"])
        self.session_state[key] = {"request": self.request}

    def rerun(self) -> None:
        raise Rerun


def test_a_request_that_was_made_of_an_earlier_server_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    page = AfterARestart({"puzzle": GENTLE4, "checkpoint": "sudoku4-tmlt", "loops": 3, "versus": "", "number": 7})
    monkeypatch.setattr(view, "st", page)
    monkeypatch.setattr(view, "microscope", page.microscope)
    with pytest.raises(Rerun):
        view.show(PAGE)
    view.show(PAGE)  # and no third time
    assert page.sent == [0, 7]
    assert page.session_state["sudoku"].loops == 3


@pytest.mark.parametrize("request_", [None, {}, {"number": "7"}, "text"], ids=str)
def test_what_is_no_request_is_not_run_again(monkeypatch: pytest.MonkeyPatch, request_: Any) -> None:
    page = AfterARestart(request_)
    monkeypatch.setattr(view, "st", page)
    monkeypatch.setattr(view, "microscope", page.microscope)
    view.show(PAGE)
    assert page.sent == [0]
