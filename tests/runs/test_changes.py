"""Interventions as text: what is read, what it does to a model, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from looped.catalogue.checkpoints import Checkpoint, CheckpointError, load_checkpoint, variant_of
from looped.model.interventions import (
    Block,
    Cut,
    Input,
    Intervention,
    Mute,
    Patch,
    Scale,
    Swap,
    Temperature,
    Timesteps,
    freeze,
    shift,
    shuffle,
    stretch,
)
from looped.model.lattice import Lattice, LatticeConfig
from looped.places import resource
from looped.runs.changes import KINDS, Change, interventions, offered, read, unoffered, words, write
from looped.runs.idle import idle
from looped.runs.trace import Trace, record
from looped.runs.variants import VARIANTS, listed_words
from looped.serving.engine import Engine

PUZZLE = ".3244..32.3..1.2"
OTHER = "1...............".replace("1", "2")
LOOPS = 6


@pytest.fixture(scope="module")
def tmlt() -> Checkpoint:
    return load_checkpoint("sudoku4-tmlt")


def tokens_of(checkpoint: Checkpoint, text: str) -> np.ndarray:
    return checkpoint.task.encode(checkpoint.task.parse(text))


def run(checkpoint: Checkpoint, *interventions: Intervention) -> Trace:
    return record(checkpoint.model, tokens_of(checkpoint, PUZZLE), LOOPS, interventions=interventions)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("freeze=3", freeze(3)),
        ("shift=2.5", shift(2.5)),
        ("stretch=0.5@2", stretch(0.5, first=2)),
        ("shuffle=4", shuffle(8, 4)),
        ("close=alpha1_gamma2@1-3", Scale(("alpha1", "gamma2"), first=1, stop=3)),
        ("ones", Scale(plus=1)),
        ("cut=0_2", Cut((0, 2))),
        ("cut=mlp@5", Cut(mlp=True, first=5)),
        ("cut=1_mlp", Cut((1,), True)),
        ("block=3_0_1@2-4", Block((3,), (0, 1), first=2, stop=4)),
        ("temperature=0", Temperature(0)),
        ("temperature=inf", Temperature(float("inf"))),
        ("set=5_2@3", Input((2,), (5,), first=3)),
    ],
)
def test_a_text_does_what_the_intervention_does(tmlt: Checkpoint, text: str, same: Intervention) -> None:
    changed = run(variant_of(tmlt, text))
    assert np.array_equal(changed.hidden, run(tmlt, same).hidden)
    assert not np.array_equal(changed.hidden, run(tmlt).hidden)
    assert changed.difference < 1e-4  # recorded and plain run are changed alike


def test_several_act_in_their_order_and_before_what_the_run_asks_for(tmlt: Checkpoint) -> None:
    both = run(variant_of(tmlt, "shift=3,stretch=2,cut=1"))
    assert np.array_equal(both.hidden, run(tmlt, shift(3), stretch(2), Cut((1,))).hidden)
    assert np.array_equal(run(variant_of(tmlt, "shift=3"), stretch(2)).hidden, run(tmlt, shift(3), stretch(2)).hidden)
    assert not np.array_equal(run(tmlt, stretch(2), shift(3)).hidden, run(tmlt, shift(3), stretch(2)).hidden)
    assert tmlt.model.standing_interventions == ()


def test_a_state_is_patched_from_another_input(tmlt: Checkpoint) -> None:
    other = record(tmlt.model, tokens_of(tmlt, OTHER), LOOPS)
    patched = run(variant_of(tmlt, f"patch=6_{OTHER}@4"))
    assert np.allclose(patched.hidden[4, 6], other.hidden[4, 6], atol=1e-5)
    assert np.array_equal(patched.hidden[:4], run(tmlt).hidden[:4])
    assert np.array_equal(np.delete(patched.hidden[4], 6, 0), np.delete(run(tmlt).hidden[4], 6, 0))
    back = run(variant_of(tmlt, "patch=6_start@4"))
    assert not back.hidden[4, 6].any()
    assert back.hidden[4, 5].any()


def test_a_clue_that_is_set_from_the_start_is_another_input(tmlt: Checkpoint) -> None:
    tokens = tokens_of(tmlt, PUZZLE)
    tokens[0] = 1
    assert np.allclose(run(variant_of(tmlt, "set=0_1")).hidden, record(tmlt.model, tokens, LOOPS).hidden, atol=1e-5)
    late = run(variant_of(tmlt, "set=0_1@2"))
    assert np.array_equal(late.hidden[:3], run(tmlt).hidden[:3])
    assert not np.array_equal(late.hidden[3], run(tmlt).hidden[3])
    model = variant_of(tmlt, "set=0_1").model  # of every run of a batch
    batch = torch.tensor(np.stack([tokens, tokens_of(tmlt, PUZZLE)]))
    assert torch.allclose(model(batch, 3)[0], model(batch, 3)[1], atol=1e-5)


def test_named_variants_and_changes_go_together(tmlt: Checkpoint) -> None:
    changed = variant_of(tmlt, "untrained,cut=0@2")
    assert changed.name == "sudoku4-tmlt~untrained,cut=0@2"
    assert np.array_equal(run(changed).hidden, run(variant_of(tmlt, "untrained"), Cut((0,), first=2)).hidden)
    assert changed.sha256 == variant_of(tmlt, "untrained").sha256 != tmlt.sha256


def test_a_change_after_the_end_of_a_run_does_nothing(tmlt: Checkpoint) -> None:
    assert np.array_equal(run(variant_of(tmlt, "cut=0@40")).hidden, run(tmlt).hidden)


@pytest.mark.parametrize(
    "text", ["freeze=8", "cut=1_mlp@4-10", "set=40_5@12", "ones,shuffle=3@1", f"patch=3_{PUZZLE}@2", "close=alpha1@0-3"]
)
def test_what_is_read_can_be_written(text: str) -> None:
    assert write(read(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stretch=1@32", "each loop's own timestep after loop 32"),
        ("freeze=8", "timestep frozen at 8"),
        ("shift=100@3", "timesteps shifted by 100 after loop 3"),
        ("cut=0_2@1-2", "heads 1 and 3 cut in loop 2"),
        ("block=2_5@1", "cell 2 kept from attending to cell 5 after loop 1"),
        ("block=2_5_6", "cell 2 kept from attending to 2 others"),
        ("temperature=0", "hardmax attention"),
        ("temperature=inf", "attention spread evenly"),
        ("temperature=0.50", "softmax at temperature 0.5"),
        ("set=7_0@9", "cell 7 set to blank after loop 9"),
        ("patch=1_start@4", "state of cell 1 put back to its start after loop 4"),
        (f"patch=1_{PUZZLE}", f"state of cell 1 from the input {PUZZLE[:40]} before the first loop"),
        ("close=alpha1_gamma2", "α1 and γ2 set to 0"),
        ("mute=row@3", "all contests muted in rows after loop 3"),
        ("swap=3_1", "3 and 1 exchanged"),
    ],
)
def test_changes_are_told_in_words(text: str, says: str) -> None:
    assert words(read(text)[0], lambda position: f"cell {position}") == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "'nonsense' is not a change; there are freeze, shift, "),
        ("", "'' is not a change"),
        ("freeze", "it is written freeze=T."),
        ("freeze=", "'freeze=' does not say what is needed; it is written freeze=T."),
        ("freeze=@4", "'freeze=@4' does not say what is needed; it is written freeze=T."),
        ("ones=", "'ones=' does not say what is needed; it is written ones."),
        ("freeze=8@x", "'freeze=8@x' cannot be read; it is written freeze=T, perhaps with @FIRST or @FIRST-STOP"),
        ("freze=2", "'freze=2' is not a change; did you mean freeze?"),
        ("freeze=x", "'x' is not a number."),
        ("cut=-1", "'-1' is not a whole number from 0 up."),
        ("cut=9", "head 9 does not exist"),
        ("set=16_1", "position 16 does not exist"),
        ("set=1_9", "tokens from 0 to 4"),
        ("patch=16_start", "position 16 does not exist"),
        ("patch=1_123", "patch=1_123"),
        ("freeze=1@5-5", "stop is 5; it must be greater than first"),
        ("freeze=nan", "t must be from 0 to 1000, not nan."),
        ("temperature=-1", "it must be 0, or at least"),
        (",".join(["cut=0"] * 17), "17 changes are too many; at most 16"),
        (",".join(["untrained"] * 500), "500 changes are too many; at most 16"),
        ("freeze=1e39", "t must be from 0 to 1000, not 1e+39."),
        (",".join(["stretch=1000"] * 16), "together these changes ask for the timestep"),
        ("patch=1_start@999", "at most 256 loops"),
        ("patch=1_start", "before the first loop every state is at its start, so that putting one back there changes"),
        ("block=1_0_1_2_3_4_5_6_7_8_9_10_11_12_13_14_15_16", "position 16 does not exist"),
        ("close=beta", "vectors are ('beta',)"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(tmlt: Checkpoint, text: str, says: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        variant_of(tmlt, text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_looped_model_has_no_timestep_to_change() -> None:
    looped = load_checkpoint("sudoku4-looped")
    for kind in KINDS:
        if KINDS[kind].of in (Timesteps, Scale):
            text = kind + {"close": "=alpha1", "ones": ""}.get(kind, "=1")
            with pytest.raises(CheckpointError, match="has no timestep encoding"):
                variant_of(looped, text)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("sudoku4-looped", ["cut", "block", "temperature", "set", "patch"]),
        ("sudoku4-candidates-looped", ["patch", "mute", "swap"]),
    ],
)
def test_only_changes_that_a_model_can_be_given_are_offered(name: str, kinds: list[str]) -> None:
    assert offered(load_checkpoint(name).model) == kinds


def test_a_change_that_a_model_cannot_be_given_has_its_reason() -> None:
    """Every kind is offered or has one; what a model lacks is said as the seam says it."""
    for name in ("sudoku4-tmlt", "sudoku4-looped", "sudoku4-candidates-looped"):
        model = load_checkpoint(name).model
        assert sorted([*offered(model), *unoffered(model)]) == sorted(KINDS)
    tmlt = unoffered(load_checkpoint("sudoku4-tmlt").model)
    assert tmlt == {
        "mute": "This model does not have contests within groups.",
        "swap": "This model does not have contests within groups.",
    }
    net = unoffered(load_checkpoint("sudoku4-candidates-looped").model)
    assert net["cut"] == "This model does not have attention from every position to every position."
    assert net["set"] == "It sets what one position reads, and a place of this model has several positions."
    numbers = unoffered(load_checkpoint("linear5-looped").model)
    assert numbers["set"] == "The inputs of this model are numbers, so that there is no token to set."


def test_a_net_of_candidates_reads_its_own_changes() -> None:
    net = load_checkpoint("sudoku4-candidates-looped")
    made = interventions(read("mute=2_row@1-3,swap=1_4@2"), net.model, lambda text: torch.zeros(16))
    assert made == (Mute((2,), ("row",), first=1, stop=3), Swap((1, 4), first=2))
    for text, says in (
        ("cut=0", "this model cannot be given a cut head or MLP (cut). This model does not have attention from"),
        ("mute=band", "groups are ('band',)"),
        ("swap=2_2", "two diff"),
    ):
        with pytest.raises(CheckpointError, match=re.escape(says)):
            run(variant_of(net, text))


def test_a_search_is_given_what_its_net_can_be_given_between_two_rounds() -> None:
    """Its sets are its own: digits cannot be exchanged in them. Its state begins at zero, and can be put back there."""
    net = Lattice(LatticeConfig("lattice", 4, (2, 2), width=8, contests=2, hidden=8, round=2))
    assert offered(net) == ["patch", "mute"]
    assert unoffered(net)["swap"] == (
        "Every loop of this model reads the sets of its search, in which digits cannot be exchanged."
    )
    (patch,) = interventions(read("patch=1_start@2"), net, lambda text: torch.zeros(16))
    assert isinstance(patch, Patch)
    assert patch.positions == (4, 5, 6, 7)
    assert not np.any(patch.states)


def test_the_engine_forgets_the_oldest_of_many_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("looped.serving.engine.MOST_VARIANTS", 3)
    engine = Engine()
    first = engine.checkpoint("sudoku4-tmlt~freeze=0")
    assert engine.checkpoint("sudoku4-tmlt~freeze=0") is first
    for t in range(1, 5):
        engine.checkpoint(f"sudoku4-tmlt~freeze={t}")
    assert len(engine._variants) == 3
    assert engine.checkpoint("sudoku4-tmlt~freeze=0") is not first


def test_a_variant_that_is_named_twice_is_made_once(tmlt: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    once = VARIANTS["frozen"]
    counted = replace(once, make=lambda model: made.append(model) or once.make(model))
    monkeypatch.setitem(VARIANTS, "frozen", counted)
    twice = run(variant_of(tmlt, "frozen,frozen,cut=0"))
    assert np.array_equal(twice.hidden, run(variant_of(tmlt, "frozen,cut=0")).hidden)
    assert len(made) == 2


@pytest.mark.parametrize(
    "text", ["freeze=-1", "freeze=1001", "shift=-1001", "stretch=1001", "stretch=-1", "freeze=nan"]
)
def test_timesteps_have_limits(tmlt: Checkpoint, text: str) -> None:
    with pytest.raises(ValueError, match=r"must be from -?\d+ to 1000, not"):
        interventions(read(text), tmlt.model, lambda _: torch.zeros(16))


def test_a_freeze_is_said_to_be_without_effect_only_where_another_covers_all_its_loops() -> None:
    def frozen(text: str) -> list[bool]:
        return [later is not None for later in idle(read(text))]

    assert frozen("freeze=0,freeze=3") == [True, False]
    assert frozen("freeze=0,freeze=3@4") == [False, False]
    assert frozen("freeze=0@4-6,freeze=3@2-6") == [True, False]
    assert frozen("freeze=0@4,freeze=3@2-6") == [False, False]
    assert frozen("freeze=0,shift=2") == [False, False]
    assert frozen("cut=0,ones@2,freeze=3") == [False, False, False]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ones,freeze=3", [None, "ones"]),  # scales that are all 1 do not depend on t, whichever is named first
        ("shift=2,ones", ["ones", None]),
        ("ones@4,freeze=3", [None, None]),
        ("close=alpha1,ones", ["ones", None]),
        ("ones,close=alpha1", [None, None]),
        ("close=alpha1,close=alpha1_alpha2", ["close=alpha1_alpha2", None]),
        ("cut=0_1,cut=1@3", [None, "cut=0_1"]),
        ("cut=0,cut=mlp", [None, None]),
        ("block=4_1,block=4_1_2", ["block=4_1_2", None]),
        ("block=3_1,block=4_1_2", [None, None]),
        ("mute=1_row,mute=row", ["mute=row", None]),
        ("mute=row,mute=1", [None, None]),
        ("mute=1,mute=row", [None, None]),
        ("mute=cell_row,mute=row", [None, "mute=cell_row"]),
    ],
)
def test_what_is_part_of_another_change_is_said_to_be_without_effect(text: str, wanted: list[str | None]) -> None:
    assert [other and write((other,)) for other in idle(read(text))] == wanted


@pytest.mark.parametrize(
    ("text", "part"), [("ones,freeze=3", 1), ("shift=2,ones", 0), ("close=alpha1,ones", 0), ("cut=0_1,cut=1@3", 1)]
)
def test_a_run_without_what_is_said_to_have_no_effect_is_the_same(tmlt: Checkpoint, text: str, part: int) -> None:
    tokens = torch.arange(16) % 5

    def hidden(changes: tuple[Change, ...]) -> torch.Tensor:
        made = interventions(changes, tmlt.model, lambda _: tokens)
        return torch.stack([state.hidden for state in tmlt.model.unroll(tokens[None], 6, interventions=made)])

    both = read(text)
    rest = tuple(change for i, change in enumerate(both) if i != part)
    assert torch.equal(hidden(both), hidden(rest))
    assert not torch.equal(hidden(both), hidden(()))


ALL_KINDS = (
    *("freeze=2", "freeze=0@1", "shift=1", "shuffle=1", "shuffle=3", "stretch=2", "ones", "ones@1", "close=alpha1"),
    *("close=alpha2_gamma1", "close=gamma2@1", "cut=0", "cut=1_2_3", "cut=0_1_2_3", "cut=mlp", "cut=0_1_2_3_mlp@1"),
    *("temperature=0", "temperature=2@1", "block=4_1_2", "block=4_1", "set=4_2@1", "set=4_1@1", "patch=3_start@1"),
)


@pytest.fixture(scope="module")
def states(tmlt: Checkpoint) -> Callable[[tuple[str, ...]], torch.Tensor]:
    tokens = torch.as_tensor(tokens_of(tmlt, PUZZLE))

    @cache
    def hidden(texts: tuple[str, ...]) -> torch.Tensor:
        made = interventions(read(",".join(texts)), tmlt.model, lambda _: tokens) if texts else ()
        with torch.inference_mode():
            return torch.stack([state.hidden for state in tmlt.model.unroll(tokens[None], 4, interventions=made)])

    return hidden


@pytest.mark.parametrize("first", ALL_KINDS)
def test_of_two_changes_exactly_those_are_idle_without_which_the_run_is_the_same(
    tmlt: Checkpoint, states: Callable[[tuple[str, ...]], torch.Tensor], first: str
) -> None:
    """Every two kinds of changes in both orders, against runs: none is named that does something, none is missed."""
    sizes = tmlt.model.config.heads, tmlt.model.trained_loops, tmlt.model.last_t
    for second in ALL_KINDS:
        pair = (first, second)
        if {change.kind for change in read(",".join(pair))} == {"block", "temperature"}:
            continue  # to what hardmax attends anyhow is a matter of the input
        both = states(pair)
        same = [torch.equal(both, states((other,))) for other in (second, first)]
        named = [other is not None for other in idle(read(",".join(pair)), *sizes)]
        assert not any(is_idle and not gone for is_idle, gone in zip(named, same, strict=True)), pair
        assert any(named) == any(same), pair
        assert not all(named), pair


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ("cut=0,cut=0", ["head 1 cut", "head 1 cut (without effect: part of “head 1 cut”)"]),
        ("freeze=0,shift=100", ["timestep frozen at 0", "timesteps shifted by 100 (the frozen timestep is then 100)"]),
        (
            "freeze=2,shuffle=1",
            ["timestep frozen at 2", "timesteps shuffled with seed 1 (without effect: it stays frozen at 2)"],
        ),
        (
            "freeze=0,shift=100,freeze=3",
            [
                "timestep frozen at 0 (without effect: it is then frozen at 3)",
                "timesteps shifted by 100 (without effect: it is then frozen at 3)",
                "timestep frozen at 3",
            ],
        ),
        (
            "close=alpha1,temperature=0",
            ["α1 set to 0", "hardmax attention (without effect: nothing is left of it beside “α1 set to 0”)"],
        ),
        (
            "temperature=0,temperature=2",
            [
                "hardmax attention (without effect: “softmax at temperature 2” takes its place)",
                "softmax at temperature 2",
            ],
        ),
        (
            "frozen,frozen",
            ["timestep frozen at 0", "timestep frozen at 0 (without effect: part of “timestep frozen at 0”)"],
        ),
    ],
)
def test_it_is_said_of_each_change_what_is_run(tmlt: Checkpoint, parts: str, said: list[str]) -> None:
    assert listed_words(parts.split(","), model=tmlt.model) == said


def test_the_document_says_how_heads_are_counted_in_a_name_and_on_screen() -> None:
    text = " ".join(resource("assets/docs/library.md").read_text("utf-8").split())
    (name,) = re.findall(r"`sudoku9-tmlt~(freeze[^`]*)`", text)
    for change in read(name):
        assert f"“{words(change)}”" in text
