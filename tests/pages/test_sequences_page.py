"""The Sequences page without a browser: what a visitor is sent for every kind of request, good, wrong and malformed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inputs import (
    EXAMPLE,
    FIRST,
    FOUR,
    LONG,
    OTHER,
    OTHER_PROBLEM,
    PROBLEM,
    WELCOME,
    Open,
    said,
    shown,
    view,
    wanted,
)
from messages import ask, read_meta, read_runs, same_arrays

from looped.runs.trace import record
from looped.runs.variants import variants
from looped.serving.engine import MOST_LOOPS, Engine
from looped.serving.request import first_view, from_link, opening
from looped.serving.views import message_bytes
from looped.tasks import get
from looped.tasks.sequences import PAGE

# ─── what a newcomer sees ────────────────────────────────────────────────────────────────────────────────────────


def test_newcomer_sees_an_example_with_a_whole_trace(page: Open) -> None:
    here = page()
    meta = here.meta
    assert here.view == FIRST
    assert (meta["message"], meta["entry"], meta["request"], meta["versus"], meta["page"]) == (
        WELCOME,
        PROBLEM,
        0,
        "",
        "sequences",
    )
    assert len(here.runs) == 1
    assert len(here.arrays["probabilities"]) == meta["loops"] == here.about["trained_loops"]
    assert [example["text"] for example in meta["examples"]] == [text for _, text in get("countdown3").examples]
    assert here.meta["drift"] == {"difference": None, "faithful": None}  # the question "recorded" measures it


def test_newcomer_where_the_usual_checkpoints_are(sequences: Engine, tmp_path: Path) -> None:
    """The first of those that are named for newcomers, else what there is; one sentence when there is nothing."""
    for name in ("countdown3-looped", "lcs6-looped"):
        (tmp_path / name).symlink_to(sequences.catalogue / name)
    assert first_view(Engine(tmp_path), PAGE).checkpoint == "lcs6-looped"
    (tmp_path / "countdown3-tmlt").symlink_to(sequences.catalogue / "countdown3-tmlt")
    assert view(first_view(Engine(tmp_path), PAGE)) == (PROBLEM, "countdown3-tmlt", 5)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "sudoku4-tmlt").symlink_to(sequences.catalogue / "sudoku4-tmlt")
    with pytest.raises(ValueError, match="no checkpoint for sequences"):
        first_view(Engine(empty), PAGE)


def test_no_checkpoint_is_said_in_a_sentence(visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = Engine(tmp_path)
    monkeypatch.setattr("looped.ui.view.engine", lambda: empty)
    here = visit().open("sequences")
    assert not here.app.get("bidi_component")
    assert "python -m looped train" in here.app.info[0].value


# ─── links ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "checkpoint", "versus"),
    [
        ("sunday saturn", "lcs8-looped", ""),
        (LONG, "lcs6-tmlt", "lcs6-tmlt~freeze=2"),
        (OTHER_PROBLEM, "countdown3-tmlt~frozen", "countdown3-looped"),
        (FOUR, "countdown4-standard", ""),
    ],
)
def test_a_link_shows_the_same_again(sequences: Engine, text: str, checkpoint: str, versus: str) -> None:
    """What the browser writes into the address, from what it was sent, gives the same message."""
    first = from_link(sequences, PAGE, {"puzzle": text, "checkpoint": checkpoint, "versus": versus, "loops": "3"})
    assert (view(first), first.versus, first.entry) == ((text, checkpoint, 3), versus, text)
    message = message_bytes(sequences, first)
    meta = read_meta(message)
    again = {
        "v": "1",
        "puzzle": meta["entry"],
        "checkpoint": meta["runs"][0]["name"],
        "versus": meta["versus"],
        "loops": str(meta["loops"]),
        "loop": "2",
        "cell": "1",
    }
    assert from_link(sequences, PAGE, again) == first
    assert message_bytes(sequences, from_link(sequences, PAGE, again)) == message


def test_what_a_link_leaves_out_is_filled(sequences: Engine) -> None:
    """A checkpoint comes with its first example and loops; a text with the checkpoint that reads it and its loops."""
    assert view(from_link(sequences, PAGE, {"checkpoint": "countdown4-standard"})) == (FOUR, "countdown4-standard", 3)
    found = from_link(sequences, PAGE, {"puzzle": FOUR})
    assert view(found) == (FOUR, "countdown4-tmlt", 5)
    assert found.message is None  # nobody chose another
    assert view(from_link(sequences, PAGE, {"puzzle": OTHER_PROBLEM, "loops": "7"})) == (OTHER_PROBLEM, FIRST[1], 7)
    assert from_link(sequences, PAGE, {"utm_source": "mail", "v": "9"}) == first_view(sequences, PAGE)


LOOPS = f"from 1 to {MOST_LOOPS}"
BAD_LINKS = {  # query, kind of the message and what it says
    "unknown checkpoint": ({"checkpoint": "lcs6-missing"}, "error", "lcs6-missing"),
    "a Sudoku's checkpoint": ({"checkpoint": "sudoku4-tmlt"}, "error", "sudoku4-tmlt"),
    "a path": ({"checkpoint": "../../etc"}, "error", "../../etc"),
    "one word": ({"puzzle": "hello"}, "error", "one word, 'hello'"),
    "nothing": ({"puzzle": ""}, "error", "no numbers"),
    "two numbers": ({"puzzle": "1 2"}, "error", "2 numbers"),
    "a Sudoku": ({"puzzle": "." * 81}, "error", "'.'"),
    "another version": ({"v": "9", "puzzle": OTHER}, "error", "another version"),
    "loops in letters": ({"loops": "abc"}, "warning", LOOPS),
    "no loops": ({"loops": "0"}, "warning", LOOPS),
    "far too many loops": ({"loops": "9" * 5000}, "warning", LOOPS),
    "superscript digits": ({"loops": "¹²"}, "warning", LOOPS),
    "itself as second": ({"versus": FIRST[1]}, "warning", "beside itself"),
    "unknown second": ({"versus": "nobody"}, "warning", "'nobody'"),
}


@pytest.mark.parametrize(("query", "kind", "says"), BAD_LINKS.values(), ids=BAD_LINKS.keys())
def test_bad_link_shows_the_newcomer_s_picture_and_one_message(
    sequences: Engine, query: dict[str, str], kind: str, says: str
) -> None:
    """What was typed stays in the field, if there is something and the link is of this version."""
    now = from_link(sequences, PAGE, query)
    assert (view(now), now.versus) == (FIRST, "")
    assert says in said(now, kind)
    assert now.entry == (PROBLEM if "v" in query else query.get("puzzle") or PROBLEM)
    assert message_bytes(sequences, now)


def test_text_with_a_slip_in_a_link_is_not_lost(page: Open) -> None:
    """It stays in the field, under the message and beside the first example of the link's checkpoint."""
    here = page(puzzle="kitten s1tting", checkpoint="lcs6-looped")
    assert here.view == (EXAMPLE, "lcs6-looped", 5)
    assert here.meta["entry"] == "kitten s1tting"
    assert "'1'" in here.meta["message"]["text"]
    assert len(page(puzzle="a" * 5000).meta["entry"]) == 2000  # but nobody mends five thousand letters


# ─── requests ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_good_requests_in_a_row(page: Open) -> None:
    """Other words, checkpoints and loops: every answer has the number of its request, its own trace and no message."""
    here = page()
    for number, (text, checkpoint, loops) in enumerate(
        (
            (OTHER, "lcs8-tmlt", 3),
            (OTHER, "edit_distance6-looped", 3),
            (PROBLEM, "countdown3-tmlt", 2),
            (FOUR, "countdown4-tmlt", 2),
        ),
        1,
    ):
        here = ask(here, puzzle=text, checkpoint=checkpoint, loops=loops)
        assert here.view == (text, checkpoint, loops)
        assert (here.meta["request"], here.meta["message"], here.meta["entry"]) == (number, None, text)
        task = get(checkpoint.partition("-")[0])
        assert here.arrays["tokens"].tolist() == task.encode(task.parse(text)).tolist()
        assert len(here.arrays["probabilities"]) == loops
    assert here.ask({"puzzle": OTHER, "checkpoint": "lcs6-tmlt", "loops": 9, "number": number}).view == (
        FOUR,
        "countdown4-tmlt",
        2,
    )  # a rerun is no request


def test_text_may_come_in_any_usual_form(sequences: Engine) -> None:
    """What the field then holds is the plain form."""
    for typed in ("KITTEN -> Sitting", " 'kitten', 'sitting'\r\n", "kitten|sitting"):
        now = wanted(sequences, shown(sequences, "lcs8-looped"), puzzle=typed)
        assert (now.input.text, now.entry, now.message) == (LONG, LONG, None)
    for typed in ("2,3,4=20", "2 3 4 -> 20", "2 3 4,20"):
        now = wanted(sequences, shown(sequences, "countdown3-looped", OTHER_PROBLEM), puzzle=typed)
        assert (now.input.text, now.entry, now.message) == (PROBLEM, PROBLEM, None)


WRONG = {
    "one word": ("lcs6-tmlt", "kitten", "one word"),
    "three words": ("lcs6-tmlt", "a b c", "3 words"),
    "nothing": ("lcs6-tmlt", " ", "no words"),
    "umlaut": ("lcs6-tmlt", "käse käse", "'ä'"),
    "too long": ("lcs8-tmlt", "abcdefghijk a", "at most 10"),
    "half a character": ("lcs6-tmlt", "\ud800a b", "U+D800"),
    "a novel": ("lcs6-tmlt", "a" * 100_000, "100000 characters"),
    "two numbers": ("countdown3-tmlt", "3 = 5", "1 number and a target"),
    "no solution": ("countdown3-tmlt", "1 1 1 = 99", "no way to make 99"),
    "no number": ("countdown3-tmlt", "3 5 x = 22", "'x'"),
    "negative": ("countdown3-tmlt", "3 5 7 = -22", "'-'"),
    "too large": ("countdown3-tmlt", "300 5 7 = 22", "300"),
}


@pytest.mark.parametrize(("checkpoint", "typed", "says"), WRONG.values(), ids=WRONG.keys())
def test_wrong_text_keeps_the_last_picture_and_what_was_typed(
    sequences: Engine, checkpoint: str, typed: str, says: str
) -> None:
    """One sentence says what is wrong.

    The input, the checkpoint and the loops stay, and the next good text is welcome.
    """
    before = replace(shown(sequences, checkpoint), entry="something", versus=checkpoint.replace("tmlt", "looped"))
    now = wanted(sequences, before, puzzle=typed)
    assert replace(now, message=None) == replace(before, number=1, entry=None)  # entry None: the field is left alone
    assert says in said(now, "error")
    good = wanted(sequences, now)
    assert (good.message, good.entry) == (None, before.input.text)


def test_wrong_text_sends_the_same_arrays_again(page: Open) -> None:
    here = ask(page(), puzzle=OTHER, checkpoint="lcs6-tmlt", loops=3)
    before = here.arrays
    here = ask(here, puzzle="c4t dog")
    assert same_arrays(here.arrays, before)
    assert (here.view, here.meta["entry"], here.meta["message"]["kind"]) == ((OTHER, "lcs6-tmlt", 3), None, "error")


def test_wrong_text_does_not_undo_the_choice_of_checkpoint_and_loops(sequences: Engine) -> None:
    now = wanted(
        sequences, shown(sequences, "lcs6-tmlt", OTHER), puzzle="c4t dog", checkpoint="edit_distance6-looped", loops=9
    )
    assert view(now) == (OTHER, "edit_distance6-looped", 9)
    assert now.entry is None
    assert "'4'" in said(now, "error")


@pytest.mark.parametrize(
    ("begin", "typed", "chosen"),
    [
        ("lcs6-looped", PROBLEM, "countdown3-looped"),
        ("lcs6-standard", FOUR, "countdown4-standard"),
        ("countdown4-tmlt", PROBLEM, "countdown3-tmlt"),
        ("countdown3-tmlt~frozen", FOUR, "countdown4-tmlt"),
        ("lcs6-looped", "abcdefghi a", "lcs8-looped"),
    ],
)
def test_text_of_another_kind_chooses_a_checkpoint_that_reads_it(
    sequences: Engine, begin: str, typed: str, chosen: str
) -> None:
    """Of the same architecture, with a note; what was compared with does another task and goes."""
    before = shown(sequences, begin)
    now = wanted(sequences, before, puzzle=typed, versus=begin.partition("-")[0] + "-tmlt~hardmax")
    assert (now.input.text, now.checkpoint, now.entry, now.versus) == (typed, chosen, typed, "")
    assert f"{chosen} was chosen" in said(now)
    assert "another task" in said(now)
    assert message_bytes(sequences, now)


def test_words_after_a_problem_choose_a_checkpoint_for_words(sequences: Engine) -> None:
    now = wanted(sequences, shown(sequences, "countdown3-looped"), puzzle=OTHER)
    assert now.checkpoint.endswith("-looped")
    assert (now.input.text, get(now.checkpoint.partition("-")[0]).kind) == (OTHER, "words")


@pytest.mark.parametrize(
    ("begin", "chosen", "example"),
    [
        ("lcs6-tmlt", "countdown3-looped", PROBLEM),
        ("countdown3-tmlt", "edit_distance6-standard", get("edit_distance6").examples[0][1]),
        ("countdown3-tmlt", "countdown4-tmlt", FOUR),
        ("countdown4-tmlt", "countdown3-tmlt", PROBLEM),
        ("countdown4-tmlt", "countdown3-tmlt~frozen", PROBLEM),
    ],
)
def test_a_checkpoint_that_does_not_read_the_text_brings_an_example(
    sequences: Engine, begin: str, chosen: str, example: str
) -> None:
    """The checkpoint that was chosen counts, whatever stands in the field."""
    now = wanted(sequences, shown(sequences, begin), checkpoint=chosen)
    assert (now.input.text, now.checkpoint, now.entry) == (example, chosen, example)
    assert "here is one" in said(now)


def test_a_checkpoint_for_shorter_words_brings_an_example(sequences: Engine) -> None:
    now = wanted(sequences, shown(sequences, "lcs8-tmlt", "abcdefghi abc"), checkpoint="lcs6-tmlt")
    assert (now.checkpoint, now.input.text) == ("lcs6-tmlt", EXAMPLE)


def test_a_checkpoint_of_the_same_kind_keeps_the_text(sequences: Engine) -> None:
    now = shown(sequences, "lcs6-tmlt", OTHER)
    for chosen in ("edit_distance6-tmlt", "lcs8-standard", "lcs6-looped~hardmax"):
        now = wanted(sequences, now, checkpoint=chosen, loops=3)
        assert (view(now), now.message) == ((OTHER, chosen, 3), None)


def test_words_longer_than_in_training_are_run_with_a_warning(sequences: Engine) -> None:
    now = wanted(sequences, shown(sequences, "lcs6-tmlt"), puzzle=LONG)
    assert view(now) == (LONG, "lcs6-tmlt", 4)
    assert "more than the 6" in said(now)
    assert read_meta(message_bytes(sequences, now))["beyond"] is True
    usual = wanted(sequences, now, puzzle=OTHER)
    assert usual.message is None
    assert read_meta(message_bytes(sequences, usual))["beyond"] is False
    problem = wanted(sequences, shown(sequences, "countdown3-tmlt"), puzzle="50 2 3 = 44")
    assert "beyond that" in said(problem)


@pytest.mark.parametrize(
    "loops", [0, -1, MOST_LOOPS + 1, 10**30, 2.5, float("nan"), "8", None, True, [8], {}], ids=repr
)
def test_wrong_number_of_loops_keeps_the_former(sequences: Engine, loops: Any) -> None:
    now = wanted(sequences, shown(sequences, "lcs6-tmlt"), loops=loops)
    assert now.loops == 4
    assert f"from 1 to {MOST_LOOPS}; 4 is kept" in said(now)


def test_a_standard_transformer_has_only_its_layers(sequences: Engine) -> None:
    assert opening(sequences, "countdown3-standard").loops == 3
    assert "from 1 to 3" in said(wanted(sequences, shown(sequences, "lcs6-standard", loops=3), loops=4))
    coming = wanted(sequences, shown(sequences, "lcs6-looped", loops=20), checkpoint="lcs6-standard")
    assert (coming.checkpoint, coming.loops) == ("lcs6-standard", 3)


def test_request_for_what_is_not_there_changes_nothing(sequences: Engine) -> None:
    before = shown(sequences, "lcs6-tmlt")
    for change in (
        {"checkpoint": "nobody"},
        {"checkpoint": "sudoku4-tmlt"},
        {"checkpoint": None},
        {"checkpoint": "lcs6-looped~frozen"},
        {"puzzle": 5},
        {"puzzle": None},
    ):
        now = wanted(sequences, before, **change)
        assert replace(now, message=None) == replace(before, number=1, entry=None)
        said(now, "error")


# ─── comparing ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("versus", "says"),
    [
        ("lcs6-tmlt", "beside itself"),
        ("nobody", "'nobody'"),
        ("lcs8-tmlt", "another task"),
        ("countdown3-tmlt", "another task"),
        ("sudoku4-tmlt", "'sudoku4-tmlt'"),
        ("lcs6-tmlt~melted", "'melted' is not a change"),
        ("lcs6-looped~frozen", "no variant 'frozen'"),
        ("lcs6-tmlt~set=0_77", ""),
        ("x" * 10_000, "xxx"),
        (7, "'7'"),
        (["lcs6-looped"], "lcs6-looped"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_compared_is_told(sequences: Engine, versus: Any, says: str) -> None:
    now = wanted(sequences, shown(sequences, "lcs6-tmlt"), versus=versus)
    assert (now.versus, now.checkpoint) == ("", "lcs6-tmlt")
    assert says in said(now)


@pytest.mark.parametrize(
    ("checkpoint", "versus"),
    [
        ("lcs6-tmlt", "lcs6-looped"),
        ("lcs6-looped", "lcs6-standard"),
        ("countdown3-tmlt", "countdown3-tmlt~freeze=0,cut=1@2"),
        ("lcs6-tmlt", "lcs6-tmlt~set=0_4,block=0_7_8"),
    ],
)
def test_two_runs_travel_in_one_message(sequences: Engine, checkpoint: str, versus: str) -> None:
    """Each with what `looped.record` computes; a standard transformer ends with its layers.

    The list of what can be compared with it has both kinds.
    """
    now = wanted(sequences, shown(sequences, checkpoint), versus=versus)
    assert (now.versus, now.message) == (versus, None)
    message = message_bytes(sequences, now)
    meta, runs = read_meta(message), read_runs(message)
    assert meta["versus"] == versus
    for run, about, name in zip(runs, meta["runs"], (checkpoint, versus), strict=True):
        of = sequences.checkpoint(name)
        loops = min(4, sequences.most_loops(name))
        trace = record(of.model, of.task.encode(now.input), loops)
        assert (about["name"], about["loops"]) == (name, loops)
        np.testing.assert_allclose(run["probabilities"].astype(float), trace.probabilities, atol=2e-3)
        np.testing.assert_allclose((run["attention"] / 255) ** 2, trace.attention, atol=0.01)
    offered = [name for group in meta["comparisons"] for name, _ in group["names"]]
    task, kinds = checkpoint.partition("-")[0], variants(sequences.checkpoint(checkpoint).model)
    fitting = (
        {f"{task}-{kind}" for kind in ("looped", "tmlt", "standard")}
        | {f"{checkpoint}~{kind}" for kind in kinds}
        | {versus}
    )
    assert set(offered) == fitting - {checkpoint}
    assert len(offered) == len(set(offered))


def test_changes_are_told_with_the_names_of_the_positions(sequences: Engine) -> None:
    now = wanted(sequences, shown(sequences, "lcs6-tmlt", OTHER), versus="lcs6-tmlt~set=0_4,cut=0")
    (change, _) = read_meta(message_bytes(sequences, now))["runs"][1]["changes"]
    assert "letter 1 of the first word (c)" in change


def test_comparing_goes_on_with_other_words_and_ends_with_another_task(sequences: Engine) -> None:
    now = wanted(sequences, shown(sequences, "lcs6-tmlt"), puzzle=OTHER, versus="lcs6-looped")
    assert wanted(sequences, now, puzzle="d0g cat").versus == "lcs6-looped"
    other = wanted(sequences, now, checkpoint="edit_distance6-tmlt")
    assert (other.versus, other.checkpoint) == ("", "edit_distance6-tmlt")
    assert "another task" in said(other)


@pytest.mark.parametrize("checkpoint", ["countdown3-tmlt", "countdown4-tmlt", "lcs6-tmlt"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 1 1 1 = 100", "no way to make 100 of 1, 1, 1, 1"),
        ("4 7 6 5", "Which of the 4"),
        ("c4t dog", "Word 1 holds '4'"),
    ],
)
def test_what_is_wrong_with_a_text_depends_on_the_text_alone(
    sequences: Engine, checkpoint: str, text: str, says: str
) -> None:
    """Not on the checkpoint that was chosen before."""
    now = wanted(sequences, shown(sequences, checkpoint), puzzle=text)
    assert now.message is not None
    assert says in now.message["text"]
    assert (now.checkpoint, now.message["kind"]) == (checkpoint, "error")
