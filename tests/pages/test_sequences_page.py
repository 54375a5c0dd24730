"""The Sequences page without a browser: what a visitor is sent for every kind of request, good, wrong and malformed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import ask, read_meta, read_runs, same_arrays
from starlette.requests import Request as Http

from looped.lenses.readout import readout
from looped.questions import QUESTIONS, Asked
from looped.runs.trace import Trace, record
from looped.runs.variants import variants
from looped.serving.engine import MOST_LOOPS, Engine
from looped.tasks import get
from looped.tasks.countdown import task as countdown
from looped.ui import asking as asking_module
from looped.ui import download as download_module
from looped.ui.asking import asking
from looped.ui.download import download
from looped.ui.links import shown_by
from looped.ui.sequences import (
    MOST_WAYS,
    WELCOME,
    Request,
    Shown,
    answer,
    first_view,
    from_link,
    message_bytes,
    opening,
)
from looped.ui.state import packer

WORDS, OTHER, LONG, LONGEST = (
    "stone tone",
    "cat dog",
    "kitten sitting",
    "abcdefgh hgfedcba",
)  # LONG: more letters than lcs6 is trained on
EXAMPLE = get("lcs6").examples[0][1]
PROBLEM, OTHER_PROBLEM, FOUR = "2 3 4 = 20", "3 5 7 = 22", "4 7 6 5 = 28"
FIRST = (PROBLEM, "countdown3-tmlt", 10)  # the first of the usual ones that is in the catalogue
HUGE = 2_000_000  # bytes: more than any message may have

Open = Callable[..., Any]


@pytest.fixture
def page(visit: Open, sequences: Engine, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the Sequences page with query parameters, in a session of its own."""
    monkeypatch.setattr("looped.ui.view.engine", lambda: sequences)

    def come(**query: str) -> Any:
        here = visit()
        for key, value in query.items():
            here.app.query_params[key] = value
        return here.open("sequences")

    return come


def shown(shared: Engine, checkpoint: str, text: str = "", loops: int = 4) -> Shown:
    """A picture that is on screen."""
    before = opening(shared, checkpoint)
    return replace(before, loops=loops, input=shared.checkpoint(checkpoint).task.parse(text or before.input.text))


def wanted(shared: Engine, before: Shown, **change: Any) -> Shown:
    """The answer to a request that changes some of what is on screen."""
    asked = {
        "puzzle": before.input.text,
        "checkpoint": before.checkpoint,
        "loops": before.loops,
        "versus": before.versus,
        "number": before.number + 1,
    }
    return answer(shared, before, Request(**asked | change))


def said(now: Shown, kind: str = "warning") -> str:
    """Its message: sentences that fit under the bar."""
    assert now.message is not None
    assert now.message["kind"] == kind
    text = now.message["text"]
    assert 20 < len(text) < 300
    assert text.endswith(".")
    return text


def view(now: Shown) -> tuple[str, str, int]:
    return now.input.text, now.checkpoint, now.loops


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
    assert len(here.arrays["probabilities"]) == meta["loops"] == 2 * here.about["trained_loops"]
    assert [example["text"] for example in meta["examples"]] == [text for _, text in get("countdown3").examples]
    assert here.about["difference"] < 1e-3


def test_newcomer_where_the_usual_checkpoints_are(sequences: Engine, tmp_path: Path) -> None:
    """The first of those that are named for newcomers, else what there is; one sentence when there is nothing."""
    for name in ("countdown3-looped", "lcs6-looped"):
        (tmp_path / name).symlink_to(sequences.catalogue / name)
    assert first_view(Engine(tmp_path)).checkpoint == "lcs6-looped"
    (tmp_path / "countdown3-tmlt").symlink_to(sequences.catalogue / "countdown3-tmlt")
    assert view(first_view(Engine(tmp_path))) == (PROBLEM, "countdown3-tmlt", 10)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "sudoku4-tmlt").symlink_to(sequences.catalogue / "sudoku4-tmlt")
    with pytest.raises(ValueError, match="no checkpoint for sequences"):
        first_view(Engine(empty))


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
    first = from_link(sequences, {"puzzle": text, "checkpoint": checkpoint, "versus": versus, "loops": "3"})
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
    assert from_link(sequences, again) == first
    assert message_bytes(sequences, from_link(sequences, again)) == message


def test_what_a_link_leaves_out_is_filled(sequences: Engine) -> None:
    """A checkpoint comes with its first example and loops; a text with the checkpoint that reads it and its loops."""
    assert view(from_link(sequences, {"checkpoint": "countdown4-standard"})) == (FOUR, "countdown4-standard", 3)
    found = from_link(sequences, {"puzzle": FOUR})
    assert view(found) == (FOUR, "countdown4-tmlt", 10)
    assert "countdown4-tmlt was chosen" in said(found)
    assert view(from_link(sequences, {"puzzle": OTHER_PROBLEM, "loops": "7"})) == (OTHER_PROBLEM, FIRST[1], 7)
    assert from_link(sequences, {"utm_source": "mail", "v": "9"}) == first_view(sequences)


LOOPS = f"from 1 to {MOST_LOOPS}"
BAD_LINKS = {  # query, kind of the message and what it says
    "unknown checkpoint": ({"checkpoint": "lcs6-missing"}, "error", "lcs6-missing"),
    "a Sudoku's checkpoint": ({"checkpoint": "sudoku4-tmlt"}, "error", "sudoku4-tmlt"),
    "a path": ({"checkpoint": "../../etc", "puzzle": OTHER}, "error", "../../etc"),
    "one word": ({"puzzle": "hello"}, "error", "'h'"),
    "nothing": ({"puzzle": ""}, "error", "0 numbers"),
    "two numbers": ({"puzzle": "1 2"}, "error", "2 numbers"),
    "a Sudoku": ({"puzzle": "." * 81}, "error", "'.'"),
    "another version": ({"v": "9", "puzzle": OTHER}, "error", "another version"),
    "loops in letters": ({"loops": "abc"}, "warning", LOOPS),
    "no loops": ({"loops": "0"}, "warning", LOOPS),
    "far too many loops": ({"loops": "9" * 5000}, "warning", LOOPS),
    "superscript digits": ({"loops": "¹²"}, "warning", LOOPS),
    "itself as rival": ({"versus": FIRST[1]}, "warning", "beside itself"),
    "unknown rival": ({"versus": "nobody"}, "warning", "'nobody'"),
}


@pytest.mark.parametrize(("query", "kind", "says"), BAD_LINKS.values(), ids=BAD_LINKS.keys())
def test_bad_link_shows_the_newcomer_s_picture_and_one_message(
    sequences: Engine, query: dict[str, str], kind: str, says: str
) -> None:
    """What was typed stays in the field, if there is something and the link is of this version."""
    now = from_link(sequences, query)
    assert (view(now), now.versus) == (FIRST, "")
    assert says in said(now, kind)
    assert now.entry == (PROBLEM if "v" in query else query.get("puzzle") or PROBLEM)
    assert message_bytes(sequences, now)


def test_text_with_a_slip_in_a_link_is_not_lost(page: Open) -> None:
    """It stays in the field, under the message and beside the first example of the link's checkpoint."""
    here = page(puzzle="kitten s1tting", checkpoint="lcs6-looped")
    assert here.view == (EXAMPLE, "lcs6-looped", 10)
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
        assert (here.meta["request"], here.meta["message"], here.meta["entry"], here.meta["task"]) == (
            number,
            None,
            text,
            checkpoint.partition("-")[0],
        )
        task = get(here.meta["task"])
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
    for typed in ("2,3,4=20", "2 3 4 -> 20", "2 3 4 20"):
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
    "two numbers": ("countdown3-tmlt", "3 = 5", "2 numbers"),
    "no solution": ("countdown3-tmlt", "1 1 1 = 99", "no way to make 99"),
    "no number": ("countdown3-tmlt", "3 5 x = 22", "'x'"),
    "negative": ("countdown3-tmlt", "3 5 7 = -22", "'-'"),
    "too large": ("countdown3-tmlt", "300 5 7 = 22", "300"),
}


@pytest.mark.parametrize(("checkpoint", "typed", "says"), WRONG.values(), ids=WRONG.keys())
def test_wrong_text_keeps_the_last_picture_and_what_was_typed(
    sequences: Engine, checkpoint: str, typed: str, says: str
) -> None:
    """One sentence says what is wrong; the input, the checkpoint and the loops stay, and the next good text is welcome."""
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
    """Each with what `looped.record` computes; a standard transformer ends with its layers; the list of rivals has both kinds."""
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
    offered = [name for group in meta["rivals"] for name, _ in group["names"]]
    task, kinds = checkpoint.partition("-")[0], variants(sequences.checkpoint(checkpoint).config)
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


# ─── the message ─────────────────────────────────────────────────────────────────────────────────────────────────


ALL = [
    f"{task}-{kind}"
    for task in ("lcs6", "edit_distance6", "countdown3", "countdown4")
    for kind in ("looped", "tmlt", "standard")
]


@pytest.mark.parametrize("name", ALL)
def test_every_array_of_the_message(sequences: Engine, name: str) -> None:
    """Names and shapes of all of them; what is asked, said and right is the task's."""
    now = shown(sequences, name, loops=3)
    checkpoint = sequences.checkpoint(name)
    task: Any = checkpoint.task
    message = message_bytes(sequences, now)
    (run,), meta = read_runs(message), read_meta(message)
    n, loops, layers, heads, rules = task.length, 3, meta["runs"][0]["layers"], 2, len(meta["runs"][0]["rules"])
    shapes = {
        "tokens": (n,),
        "probabilities": (loops, n, task.vocab),
        "attention": (loops, layers, heads, n, n),
        "trajectory": (loops + 1, n, 6),
        "settled": (n,),
        "residual_relative": (loops,),
        "residual_absolute": (loops,),
        "residual_cell": (loops, n),
        "distances": (loops + 1, n),
        "steps": (3, loops),
        "whole": (4, loops),
        "ranks": (loops, n),
        "rules": (rules, loops, layers, heads),
        "rules_even": (rules, loops),
        "asked": (n,),
        "right": (loops,),
        "answers": (loops, n),
        "runner_up": (loops, n),
        "entropy": (loops, n),
        "flips": (loops, n),
        "doubtful": (loops,),
        "readable": (n, 9),
        "strongest": (loops, layers, heads, n),
        "strongest_head": (loops, layers, n),
        "rules_most": (loops, layers, heads + 1, 2),
        "nearer": (loops + 1,),
        "trend": (loops,),
        "trend_loop": (loops,),
        "stops": (6,),
    }
    if checkpoint.config.architecture == "tmlt":
        shapes |= {
            "strengths": (loops, layers, 4),
            "scales": (loops, layers, 4, 16),
            "alike": (1 + 4 * layers, loops * (loops + 1) // 2),
            "alike_mean": (1 + 4 * layers, loops),
            "turns_most": (loops, layers),
        }
    if task.kind == "countdown":
        shapes |= {"holds": (loops, task.count - 1), "way": (loops, task.count - 1)}
    else:
        shapes |= {
            "table": tuple(len(word) + 1 for word in task.words(run["tokens"])),
            "across": (2, 3, loops, layers, heads + 1),
            "across_most": (2, loops, layers, heads + 1, 2),
            "unseen": (loops, layers, heads + 1, n),
            "wrong": (loops,),
        }
    assert {field: array.shape for field, array in run.items()} == shapes
    tokens = task.encode(now.input)
    trace = record(checkpoint.model, tokens, loops)
    assert run["tokens"].tolist() == tokens.tolist()
    assert run["asked"].tolist() == task.asked(tokens).tolist()
    settled = readout(trace.logits).settled
    assert run["settled"].tolist() == np.where(task.asked(tokens), settled, 1).tolist()
    assert np.array_equal(run["answers"], trace.answers)
    assert run["right"].tolist() == [task.right(tokens, each) for each in trace.answers]
    if task.kind == "words":
        assert run["table"].tolist() == task.table(now.input.first, now.input.second).tolist()
    else:
        assert run["holds"].tolist() == [task.holds(tokens, each).tolist() for each in trace.answers]


def forged(trace: Trace, answers: np.ndarray) -> Trace:
    """A run that gives these answers (loops, positions)."""
    logits = np.zeros_like(trace.logits)
    np.put_along_axis(logits, answers[..., None], 9, -1)
    return replace(trace, logits=logits)


def test_right_answers_are_told_from_wrong_ones(sequences: Engine) -> None:
    """A run that is wrong, right, and wrong again says so; of Countdown every equation has its own verdict."""
    words, numbers = get("lcs6"), get("countdown3")
    tokens = words.encode(words.parse(WORDS))
    right = words.answers(tokens[None])[0]
    trace = record(sequences.checkpoint("lcs6-tmlt").model, tokens, 3)
    assert packer("lcs6")(forged(trace, np.stack([right * 0, right, right + 1])))["arrays"]["right"].tolist() == [
        0,
        1,
        0,
    ]
    problem = numbers.parse(PROBLEM)
    tokens = numbers.encode(problem)
    way = countdown.solutions(problem.numbers, problem.target)[0]
    right = np.array(
        [
            *tokens[:4],
            *(
                token
                for a, operation, b, c in way
                for token in (a + 6, countdown.OPERATIONS.index(operation) + 1, b + 6, 5, c + 6)
            ),
        ]
    )
    half = np.where(np.arange(len(right)) < 9, right, 0)
    trace = record(sequences.checkpoint("countdown3-tmlt").model, tokens, 3)
    packed = packer("countdown3")(forged(trace, np.stack([right * 0, half, right])))["arrays"]
    assert packed["holds"].tolist() == [[0, 0], [1, 0], [1, 1]]
    assert packed["right"].tolist() == [0, 0, 1]


def test_answers_that_are_all_but_equal_are_told_apart(sequences: Engine) -> None:
    """Probabilities travel in 16 bits; the answers are those of the run all the same."""
    tokens = get("lcs6").encode(get("lcs6").parse(WORDS))
    trace = record(sequences.checkpoint("lcs6-tmlt").model, tokens, 2)
    logits = np.zeros_like(trace.logits)
    logits[..., 30] = 1e-5
    packed = packer("lcs6")(replace(trace, logits=logits))["arrays"]
    assert (packed["probabilities"].argmax(-1) == 0).all()
    assert (packed["answers"] == 30).all()


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith("-tmlt")])
def test_every_token_but_padding_has_its_place(sequences: Engine, name: str) -> None:
    """Rows without gaps, in the order of the positions; names and signs of the task; the first choice is an answer."""
    task: Any = sequences.checkpoint(name).task
    for _, text in task.examples:
        now = shown(sequences, name, text)
        tokens, layout = task.encode(now.input), read_meta(message_bytes(sequences, now))["layout"]
        placed = [position for row in layout["rows"] for position in row]
        assert sorted(placed) == placed
        assert placed == (np.flatnonzero(tokens).tolist() if task.kind == "words" else list(range(task.length)))
        assert layout["names"] == [task.place(tokens, position) for position in range(task.length)]
        assert layout["signs"] == [task.sign(token) for token in range(task.vocab)]
        assert task.asked(tokens)[layout["cell"]]
        signs = [[task.sign(int(tokens[position])) for position in row] for row in layout["rows"]]
        settable = [task.sign(token) for token in layout["settable"]]
        if task.kind == "words":
            assert ["".join(row) for row in signs] == [now.input.first + "|", now.input.second + "="]
            assert settable == list("abcdefghijklmnopqrstuvwxyz")
            assert signs[1][-1] == task.sign(int(tokens[layout["cell"]])) == "="
        else:
            assert signs[0] == [str(number) for number in (*now.input.numbers, now.input.target)]
            assert {len(row) for row in signs[1:]} == {5}
            assert settable == [str(number) for number in range(1, task.high + 1)]
            assert layout["cell"] == task.length - 1
        assert layout["fixed"] == ([0, 1, *range(3, 29)] if task.kind == "words" else [])


def test_what_is_true_of_the_input(sequences: Engine) -> None:
    """Two words: the table's last number and the token of every answer. Countdown: the solutions, all counted, the first ones drawn."""
    for name, number in (("lcs6-tmlt", 4), ("edit_distance6-tmlt", 2)):
        task: Any = sequences.checkpoint(name).task
        meta = read_meta(message_bytes(sequences, shown(sequences, name, WORDS)))
        assert (meta["kind"], meta["words"], meta["answer"], meta["judged"], meta["typed"]) == (
            "words",
            ["stone", "tone"],
            number,
            True,
            "Words",
        )
        tokens = task.encode(task.parse(WORDS))
        assert task.right(tokens, np.array(meta["solution"]))
        assert task.targets(tokens[None], np.array([meta["solution"]])).tolist() == [
            [token if asked else -1 for token, asked in zip(meta["solution"], task.asked(tokens), strict=True)]
        ]
    for name, text in (("countdown3-tmlt", PROBLEM), ("countdown4-tmlt", "1 2 3 4 = 24")):
        meta = read_meta(message_bytes(sequences, shown(sequences, name, text)))
        *numbers, target = (int(part) for part in text.replace("=", " ").split())
        ways = countdown.solutions(numbers, target)
        assert (meta["kind"], meta["problem"], meta["answer"], meta["solution"], meta["judged"]) == (
            "countdown",
            ", ".join(map(str, numbers)),
            target,
            None,
            True,
        )
        assert meta["solution_count"] == len(ways) > 0
        assert meta["solutions"] == [[str(step) for step in way] for way in ways[:MOST_WAYS]]


def test_lists_and_cards_are_of_the_task(sequences: Engine) -> None:
    """Every checkpoint of the page can be chosen, a Sudoku's cannot; cards are those of the same task."""
    meta = read_meta(message_bytes(sequences, shown(sequences, "lcs6-tmlt")))
    offered = [one["name"] for one in meta["checkpoints"]]
    assert [name for name in offered if "~" not in name] == [
        name for name in sequences.names() if not name.startswith("sudoku")
    ]
    assert meta["most_loops"] == MOST_LOOPS
    assert meta["cards"] == []  # these were never measured


def test_cards_tell_what_was_measured_of_the_same_task(sequences: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("lcs6-looped", "lcs8-looped"):
        score = {"loops": [5, 10], "accuracy": [0.5, 0.75]}
        monkeypatch.setitem(
            sequences.checkpoint(name).info, "scores", [score | {"file": "other.csv", "accuracy": [0, 0]}, score]
        )
    assert read_meta(message_bytes(sequences, shown(sequences, "lcs6-tmlt")))["cards"] == [
        {"name": "lcs6-looped", "loops": [5, 10], "accuracy": [0.5, 0.75]}
    ]


@pytest.mark.parametrize(("name", "text"), [("lcs8-tmlt", LONGEST), ("countdown4-tmlt", "1 2 3 4 = 24")])
def test_messages_are_small(sequences: Engine, name: str, text: str) -> None:
    """Two runs of 32 loops; of these tiny models everything but the scales is as large as of a trained one, but for twice the heads."""
    now = replace(shown(sequences, name, text, loops=32), versus=name.replace("tmlt", "looped"))
    assert len(message_bytes(sequences, now)) < HUGE


# ─── whatever arrives ────────────────────────────────────────────────────────────────────────────────────────────


MALFORMED: list[Any] = [
    None,
    0,
    True,
    "text",
    "x" * 100_000,
    [],
    {},
    {"number": 1},
    {"puzzle": OTHER, "number": "one"},
    {"puzzle": OTHER, "checkpoint": "lcs6-tmlt", "number": 1, "versus": {}},
    {"puzzle": {"a": 1}, "checkpoint": ["lcs6-tmlt"], "loops": None, "number": [3]},
    {"puzzle": 81, "checkpoint": {}, "loops": float("inf"), "number": float("nan")},
    {"puzzle": OTHER, "checkpoint": "../lcs6-tmlt", "loops": 5, "number": 10**20},
]


def test_malformed_requests_never_raise(page: Open) -> None:
    """Whatever arrives in the component's state: no exception, something to draw, and the next good request works."""
    here = page()
    for request in MALFORMED:
        here.ask(request)
        assert here.view[1] in (FIRST[1], "lcs6-tmlt"), request
        assert len(json.dumps(here.meta["message"])) < 400, request
    assert here.ask({"puzzle": PROBLEM, "checkpoint": "countdown3-looped", "loops": 3, "number": 77}).view == (
        PROBLEM,
        "countdown3-looped",
        3,
    )


def test_both_pages_keep_their_view(page: Open, sequences: Engine) -> None:
    """To Sudoku, to the Models, and back: input, checkpoint and loops of each page are still there."""
    here = ask(page(), puzzle=PROBLEM, checkpoint="countdown3-looped", loops=4)
    here.open("sudoku")
    board = here.view
    here = ask(here, loops=3)
    here.open("models").open("sequences")
    assert here.view == (PROBLEM, "countdown3-looped", 4)
    assert here.meta["request"] == 1
    assert ask(here, loops=6).view == (PROBLEM, "countdown3-looped", 6)
    assert here.open("sudoku").view == (*board[:2], 3)


usual = [WORDS, LONG, LONGEST, PROBLEM, FOUR, "hello", "1", "256", "257", "²", "lcs6-tmlt", "countdown3-standard"]
rivals = [
    "",
    "lcs6-looped",
    "countdown3-standard",
    "lcs6-tmlt~hardmax",
    "countdown3-tmlt~frozen",
    "lcs8-tmlt~~",
    "~",
    "lcs6-tmlt~set=0_5",
    "countdown3-tmlt~patch=13_3|5|7|22",
]
texts = st.one_of(st.text(max_size=20), st.sampled_from(usual), st.text("ab=|, 0123456789", max_size=14))
values = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.integers(), max_size=2), st.just({"a": 1})
)
names = st.sampled_from(
    ["lcs6-tmlt", "edit_distance6-looped", "countdown3-tmlt", "countdown4-standard", "sudoku4-tmlt", "nobody"]
)


def sound(shared: Engine, now: Shown) -> bool:
    """It can be drawn: an input that its checkpoint and what it is compared with read, loops within bounds, a message that fits."""
    checkpoint = shared.checkpoint(now.checkpoint)
    assert checkpoint.task.encode(now.input).shape == (checkpoint.config.length,)
    assert now.versus == "" or (
        shared.checkpoint(now.versus).task.name == checkpoint.task.name and now.versus != now.checkpoint
    )
    return 1 <= now.loops <= shared.most_loops(now.checkpoint) and len(json.dumps(now.message)) < 1200


@settings(max_examples=150, deadline=None)
@given(
    puzzle=values,
    checkpoint=st.one_of(names, values),
    loops=values,
    versus=st.one_of(st.sampled_from(rivals), values),
    begin=st.sampled_from(["lcs6-tmlt", "countdown3-tmlt"]),
)
def test_any_request_gives_something_to_draw(
    sequences: Engine, puzzle: Any, checkpoint: Any, loops: Any, versus: Any, begin: str
) -> None:
    before = shown(sequences, begin)
    now = answer(sequences, before, Request(puzzle, checkpoint, loops, versus, 1))
    assert sound(sequences, now)
    if now.message and now.message["kind"] == "error":
        assert (now.input.text, now.entry) == (before.input.text, None)
    else:
        assert now.entry == now.input.text


@settings(max_examples=150, deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from(["puzzle", "checkpoint", "versus", "loops", "v", "other"]),
        st.one_of(names, st.sampled_from(rivals), texts),
    )
)
def test_any_link_gives_something_to_draw(sequences: Engine, query: dict[str, str]) -> None:
    now = from_link(sequences, query)
    assert sound(sequences, now)
    assert now.entry == now.input.text or (
        now.message and now.message["kind"] == "error" and now.entry == query["puzzle"]
    )
    assert sound(sequences, shown_by(sequences, query))


# ─── over HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shared(sequences: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    for module in (asking_module, download_module):
        monkeypatch.setattr(module, "engine", lambda: sequences)
    return sequences


def http(**query: object) -> Http:
    return Http({"type": "http", "query_string": urlencode(query).encode(), "headers": []})


def test_a_link_is_of_the_page_that_its_checkpoint_belongs_to(shared: Engine) -> None:
    assert view(shown_by(shared, {"checkpoint": "lcs6-looped~hardmax", "puzzle": OTHER, "loops": "2"})) == (
        OTHER,
        "lcs6-looped~hardmax",
        2,
    )
    board = shown_by(shared, {"checkpoint": "sudoku4-tmlt", "puzzle": "1" + "." * 15, "loops": "2"})
    assert view(board) == ("1" + "." * 15, "sudoku4-tmlt", 2)
    for query in ({}, {"checkpoint": "nobody"}, {"puzzle": "1" + "." * 15}):
        assert shown_by(shared, query).checkpoint == "sudoku4-tmlt"


@pytest.mark.parametrize(
    ("question", "checkpoint"),
    [
        ("wavefront", "lcs6-tmlt"),
        ("lengths", "edit_distance6-looped"),
        ("scaling", "countdown3-tmlt"),
        ("clues", "lcs6-looped"),
        ("clues", "countdown3-tmlt"),
        ("scaling", "lcs6-standard"),
        ("temperature", "countdown4-looped"),
    ],
)
def test_questions_are_asked_of_the_run_that_the_link_shows(
    shared: Engine, monkeypatch: pytest.MonkeyPatch, question: str, checkpoint: str
) -> None:
    seen: list[Asked] = []
    monkeypatch.setattr(asking_module, "events", lambda shared, key, work, asked: seen.append(asked) or iter(()))
    text = (
        OTHER_PROBLEM if checkpoint.startswith("countdown3") else FOUR if checkpoint.startswith("countdown4") else OTHER
    )
    response = asking(http(question=question, puzzle=text, checkpoint=checkpoint, loops=3, cell=4, loop=2))
    assert response.status_code == 200
    (asked,) = seen
    task = shared.checkpoint(checkpoint).task
    assert (asked.checkpoint.name, asked.loops, asked.cell, asked.loop) == (checkpoint, 3, 4, 2)
    assert asked.tokens.tolist() == task.encode(task.parse(text)).tolist()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"question": "probes"}, "cannot be asked of lcs6"),
        ({"question": "turns"}, "cannot be asked of lcs6"),
        ({"question": "exits_minimal"}, "cannot be asked of lcs6"),
        (
            {"question": "wavefront", "checkpoint": "countdown3-tmlt", "puzzle": PROBLEM},
            "cannot be asked of countdown3",
        ),
        ({"question": "lengths", "checkpoint": "countdown3-tmlt", "puzzle": PROBLEM}, "cannot be asked of countdown3"),
        (
            {"question": "wavefront", "checkpoint": "sudoku4-tmlt", "puzzle": "1" + "." * 15},
            "cannot be asked of sudoku4",
        ),
        ({"question": "cells", "checkpoint": "lcs6-standard"}, "no loop"),
        ({"question": "rollout", "puzzle": "c4t dog"}, "'4'"),
        ({"question": "rollout", "v": 9}, "another version"),
        ({"question": "rollout", "checkpoint": "lcs6-looped~freeze=1"}, "no timestep encoding"),
        ({"question": "nonsense"}, "no question called"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(shared: Engine, query: dict[str, object], says: str) -> None:
    response = asking(http(**{"puzzle": OTHER, "checkpoint": "lcs6-tmlt", "loops": 2} | query))
    assert response.status_code == 400
    assert says in bytes(response.body).decode()
    assert len(bytes(response.body).decode().splitlines()) == 1


def test_every_question_knows_its_kinds() -> None:
    assert {name for name, question in QUESTIONS.items() if "words" not in question.kinds} == {
        "probes",
        "turns",
        "exits_minimal",
    }
    assert {name for name, question in QUESTIONS.items() if "countdown" not in question.kinds} == {
        "probes",
        "turns",
        "exits_minimal",
        "wavefront",
        "lengths",
    }


@pytest.mark.parametrize(("name", "text"), [("lcs6-tmlt", OTHER), ("countdown3-looped~hardmax", PROBLEM)])
def test_a_view_is_exported_with_the_trace_of_the_link(shared: Engine, name: str, text: str) -> None:
    response = download(http(puzzle=text, checkpoint=name, loops=3, loop=0, cell=2))
    assert response.status_code == 200, response.body
    with zipfile.ZipFile(io.BytesIO(bytes(response.body))) as packed:
        about = json.loads(packed.read(f"{name}-loop1/view.json"))
        trace = Trace.load(io.BytesIO(packed.read(f"{name}-loop1/trace.npz")))  # type: ignore[arg-type]
    assert (about["input"], about["loops"], about["loop"], about["cell"]) == (text, 3, 1, 2)
    of = shared.checkpoint(name)
    np.testing.assert_allclose(
        trace.hidden, record(of.model, of.task.encode(of.task.parse(text)), 3).hidden, rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize(
    "query", [{"puzzle": "c4t dog"}, {"puzzle": OTHER, "v": "9"}, {"checkpoint": "lcs6-looped~freeze=1"}], ids=str
)
def test_what_cannot_be_exported_is_refused_in_a_sentence(shared: Engine, query: dict[str, str]) -> None:
    response = download(http(**{"checkpoint": "lcs6-tmlt"} | query))
    assert response.status_code == 400
    assert len(bytes(response.body).decode().splitlines()) == 1
