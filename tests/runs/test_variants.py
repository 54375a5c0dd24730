"""Variants of a checkpoint: each against a plain restatement, and the checkpoint itself is as it was."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from looped.__main__ import main
from looped.catalogue.checkpoints import CATALOGUE, Checkpoint, CheckpointError, load_checkpoint, names, variant_of
from looped.lenses.timestep import vectors_at
from looped.model import Config, Model
from looped.model.timestep import BLOCK
from looped.runs.trace import Trace, record
from looped.runs.variants import VARIANTS, variants, weights_digest
from looped.serving.engine import Engine

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)
TRAINED, BEYOND = 5, 8  # loops: the shuffled variant keeps what is beyond


@pytest.fixture
def tmlt(tmp_path: Path, make_checkpoint: Make) -> Checkpoint:
    """Two layers, so that a mixed up layer shows; a board, so that the tables of positions and of relations count."""
    folder = make_checkpoint(
        tmp_path / "mine",
        architecture="tmlt",
        layers=2,
        trained_loops=TRAINED,
        injection=True,
        positions="board",
        box=(2, 2),
        relations=True,
    )
    return load_checkpoint(str(folder))


@pytest.fixture
def looped(tmp_path: Path, make_checkpoint: Make) -> Checkpoint:
    return load_checkpoint(
        str(make_checkpoint(tmp_path / "plain", trained_loops=TRAINED, injection=True, state_norm=True))
    )


def model_of(checkpoint: Checkpoint, kind: str) -> Model:
    return variant_of(checkpoint, kind).model


def scales_of(model: Model, loops: int = BEYOND) -> np.ndarray:
    """(loops, 4, layers, d_model) as they were recorded in a run."""
    trace = record(model, TOKENS, loops)
    return np.stack([getattr(trace, name) for name in BLOCK], axis=1)


# ------------------------------------------------------------------------------------------------------- one by one


def test_frozen_uses_the_first_timestep_in_every_loop(tmlt: Checkpoint) -> None:
    own, frozen = scales_of(tmlt.model), scales_of(model_of(tmlt, "frozen"))
    assert all(np.array_equal(frozen[loop], own[0]) for loop in range(BEYOND))
    assert not any(np.array_equal(own[loop], own[0]) for loop in range(1, BEYOND))  # or nothing would be shown


def test_shuffled_permutes_the_trained_timesteps_and_keeps_those_beyond(tmlt: Checkpoint) -> None:
    own, shuffled = scales_of(tmlt.model), scales_of(model_of(tmlt, "shuffled"))
    places = [[loop for loop in range(BEYOND) if np.array_equal(scales, own[loop])] for scales in shuffled]
    assert [len(place) for place in places] == [1] * BEYOND
    order = [place[0] for place in places]
    assert sorted(order[:TRAINED]) == list(range(TRAINED))
    assert order[:TRAINED] != list(range(TRAINED))
    assert order[TRAINED:] == list(range(TRAINED, BEYOND))
    again = scales_of(variant_of(tmlt, "shuffled").model)
    assert np.array_equal(again, shuffled)  # the same for everybody


@pytest.mark.parametrize("name", names(CATALOGUE) or ["(the catalogue is empty)"])
def test_shuffled_moves_something_in_every_checkpoint_of_the_catalogue(name: str) -> None:
    checkpoint = load_checkpoint(name)
    if "shuffled" not in variants(checkpoint.model):
        with pytest.raises(CheckpointError):
            variant_of(checkpoint, "shuffled")
        return
    own, given = (
        vectors_at(model, range(checkpoint.config.trained_loops))
        for model in (checkpoint.model, model_of(checkpoint, "shuffled"))
    )
    moved = [not np.array_equal(a, b) for a, b in zip(own, given, strict=True)]
    assert sum(moved) > len(moved) / 2


def test_variants_add_up_in_the_order_in_which_they_are_written(tmlt: Checkpoint) -> None:
    own = scales_of(tmlt.model)
    both = scales_of(model_of(tmlt, "frozen,freeze=3@2"))
    assert all(np.array_equal(both[loop], own[0 if loop < 2 else 3]) for loop in range(BEYOND))
    assert (scales_of(model_of(tmlt, "unscaled,frozen")) == 1).all()
    cut = model_of(tmlt, "shuffled,cut=1")
    assert np.array_equal(scales_of(cut), scales_of(model_of(tmlt, "shuffled")))
    assert not np.array_equal(record(cut, TOKENS).hidden, record(model_of(tmlt, "shuffled"), TOKENS).hidden)


def rms(x: Tensor) -> Tensor:
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-6)


def plain_block(x: Tensor, layer: Any, heads: int, same: Tensor) -> Tensor:
    """A layer of a TMLT with α = γ = 1: both branches at full strength, both inputs normalised and nothing more.

    `same`: (4, n, n), whether two cells are in one row, column or box, or are one.
    """
    d = x.shape[-1]
    wide = d // heads
    q, k, v = (rms(x) @ layer.qkv.weight.T).chunk(3, -1)
    bias = [sum(number * pairs for number, pairs in zip(numbers, same, strict=True)) for numbers in layer.relation]
    parts = [slice(a, a + wide) for a in range(0, d, wide)]
    mixed = torch.cat(
        [
            ((q[:, part] @ k[:, part].T) / math.sqrt(wide) + own).softmax(-1) @ v[:, part]
            for own, part in zip(bias, parts, strict=True)
        ],
        -1,
    )
    x = x + mixed @ layer.out.weight.T
    inner = rms(x) @ layer.up.weight.T
    return x + (0.5 * inner * (1 + torch.erf(inner / math.sqrt(2)))) @ layer.down.weight.T


def test_unscaled_is_a_block_without_any_timestep(tmlt: Checkpoint) -> None:
    model, loops = model_of(tmlt, "unscaled"), 4
    assert (scales_of(model, loops) == 1).all()
    with torch.no_grad():
        rows, columns = np.divmod(np.arange(16), 4)
        boxes = rows // 2 * 2 + columns // 2
        same = torch.stack(
            [torch.as_tensor(place[:, None] == place) for place in (rows, columns, boxes, np.arange(16))]
        ).float()
        embedded = tmlt.model.token.weight[TOKENS] + sum(
            table.weight[place] for table, place in zip(tmlt.model.place, (rows, columns, boxes), strict=True)
        )
        state, states = torch.zeros(16, tmlt.config.d_model), []
        for _ in range(loops):
            state = state + embedded
            for layer in tmlt.model.layers:
                state = plain_block(state, layer, tmlt.config.heads, same)
            states.append(state)
    trace = record(model, TOKENS, loops)
    for loop, wanted in enumerate(states, 1):
        np.testing.assert_allclose(
            trace.hidden[loop], wanted.numpy(), rtol=1e-3, atol=1e-3 * float(wanted.abs().max()), err_msg=f"loop {loop}"
        )
    assert not np.allclose(trace.hidden[-1], record(tmlt.model, TOKENS, loops).hidden[-1], rtol=0.1)


@pytest.mark.parametrize("kind", ["tmlt", "looped"])
def test_hardmax_puts_all_attention_on_the_largest_score(kind: str, request: pytest.FixtureRequest) -> None:
    checkpoint = request.getfixturevalue(kind)
    soft, hard = record(checkpoint.model, TOKENS, 3), record(model_of(checkpoint, "hardmax"), TOKENS, 3)
    largest = hard.attention.max(-1, keepdims=True)
    assert np.isin(hard.attention / largest, (0, 1)).all()  # one cell, or equal shares of those that tie
    np.testing.assert_allclose((hard.attention > 0).sum(-1) * largest[..., 0], 1, rtol=1e-6)
    assert ((soft.attention > 0).sum(-1) > 1).any()
    first = soft.attention[0, 0]  # both runs ask the same question in the first layer of the first loop
    alone = np.sort(first)[..., -1] - np.sort(first)[..., -2] > 1e-6
    assert alone.any()
    assert (hard.attention[0, 0].argmax(-1) == first.argmax(-1))[alone].all()
    assert model_of(checkpoint, "hardmax").config.attention == "hardmax"


@pytest.mark.parametrize("kind", ["tmlt", "looped"])
def test_untrained_is_what_training_with_seed_0_starts_from(kind: str, request: pytest.FixtureRequest) -> None:
    checkpoint = request.getfixturevalue(kind)
    torch.manual_seed(123)
    here = torch.get_rng_state()
    variant = variant_of(checkpoint, "untrained")
    assert torch.equal(torch.get_rng_state(), here)  # nobody's random numbers are touched
    torch.manual_seed(0)
    wanted = Model(checkpoint.config).state_dict()
    got, trained = variant.model.state_dict(), checkpoint.model.state_dict()
    assert got.keys() == wanted.keys() == trained.keys()
    assert all(torch.equal(got[name], wanted[name]) for name in wanted)
    assert not any(torch.equal(got[name], trained[name]) for name in wanted)
    assert variant.sha256 == weights_digest(variant.model) != checkpoint.sha256
    assert not any(p.requires_grad for p in variant.model.parameters())
    assert not variant.model.training


def test_an_untrained_tmlt_answers_the_same_after_every_loop(tmlt: Checkpoint) -> None:
    """Its gates start at zero: without injection the block is the identity, with it h is a multiple of the input."""
    trace = record(model_of(tmlt, "untrained"), TOKENS, 4)
    np.testing.assert_allclose(trace.hidden[4], 4 * trace.hidden[1], rtol=1e-5)
    assert np.array_equal(trace.answers[0], trace.answers[3])


# ---------------------------------------------------------------------------------------------------------- all of them


def weights(model: Model) -> Iterator[tuple[str, Tensor]]:
    return ((name, value.clone()) for name, value in model.state_dict().items())


@pytest.mark.parametrize("kind", VARIANTS)
def test_the_checkpoint_is_as_it_was(tmlt: Checkpoint, kind: str) -> None:
    """Before, while and after a variant of it runs; on the disk, too. Only the untrained one has weights of its own."""
    before, trace = dict(weights(tmlt.model)), record(tmlt.model, TOKENS, BEYOND)
    file = (tmlt.folder / "model.safetensors").read_bytes()
    variant = variant_of(tmlt, kind)
    changed = record(variant.model, TOKENS, BEYOND)
    assert changed.difference < 1e-3  # the recorded run is the plain one, of the variant too
    assert not np.allclose(changed.hidden[-1], trace.hidden[-1], rtol=1e-3)
    after = dict(weights(tmlt.model))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    again = record(tmlt.model, TOKENS, BEYOND)
    assert np.array_equal(again.hidden, trace.hidden)
    assert np.array_equal(again.attention, trace.attention)
    assert (tmlt.folder / "model.safetensors").read_bytes() == file
    shared = {p.data_ptr() for p in tmlt.model.parameters()} & {p.data_ptr() for p in variant.model.parameters()}
    assert bool(shared) == (kind != "untrained")
    assert (variant.sha256 == tmlt.sha256) == (kind != "untrained")
    assert (variant.name, variant.folder, variant.task) == (f"mine~{kind}", tmlt.folder, tmlt.task)


def test_every_variant_differs_from_every_other(tmlt: Checkpoint) -> None:
    ends = {kind: record(model_of(tmlt, kind), TOKENS, BEYOND).hidden[-1] for kind in VARIANTS}
    assert not [
        (one, other) for one in ends for other in ends if one < other and np.allclose(ends[one], ends[other], rtol=1e-3)
    ]


def test_which_models_have_which_variants() -> None:
    usual: dict[str, Any] = {"vocab": 5, "length": 16, "trained_loops": 3, "d_model": 8, "heads": 2}
    assert (
        variants(Model(Config("tmlt", **usual)))
        == ["untrained", "hardmax", "frozen", "shuffled", "unscaled"]
        == list(VARIANTS)
    )
    assert variants(Model(Config("looped", **usual))) == ["untrained", "hardmax"]
    assert variants(Model(Config("standard", **usual | {"layers": 3}))) == ["untrained", "hardmax"]
    assert variants(Model(Config("tmlt", **usual | {"attention": "hardmax"}))) == [
        "untrained",
        "frozen",
        "shuffled",
        "unscaled",
    ]
    assert all(variant.label for variant in VARIANTS.values())


# ------------------------------------------------------------------------------------------------- wherever a name goes


def test_a_name_with_a_variant_loads_it(tmlt: Checkpoint) -> None:
    for kind in VARIANTS:
        loaded = load_checkpoint(f"{tmlt.folder}~{kind}")
        assert loaded.name == f"mine~{kind}"
        assert np.array_equal(record(loaded.model, TOKENS, 3).hidden, record(model_of(tmlt, kind), TOKENS, 3).hidden)


def test_impossible_variants_are_told_in_one_sentence(tmlt: Checkpoint, looped: Checkpoint) -> None:
    for name, says in (
        (f"{looped.folder}~frozen", "plain~frozen: this model has no variant 'frozen'; it has untrained, hardmax."),
        (
            f"{tmlt.folder}~hardmax~frozen",
            "mine~hardmax is a variant already; several changes are written with commas, as in mine~hardmax,frozen.",
        ),
        (
            f"{tmlt.folder}~unscaled~unscaled",
            "mine~unscaled is a variant already; several changes are written with commas, "
            "as in mine~unscaled,unscaled.",
        ),
    ):
        with pytest.raises(CheckpointError) as caught:
            load_checkpoint(name)
        assert str(caught.value) == says
    for name in ("~frozen", "~", "nowhere~frozen", "nowhere~nonsense"):
        with pytest.raises(CheckpointError, match=r"^there is no checkpoint .*\.$"):
            load_checkpoint(name)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ("foo=2", "'foo=2' is not a change; there are freeze, shift, "),
        ("frozen,foo=1", "'foo=1' is not a change; there are freeze, shift, "),
        ("", "'' is not a change; there are freeze, shift, "),
        ("freze=2", "'freze=2' is not a change; did you mean freeze?"),
        ("frozn", "'frozn' is not a change; did you mean frozen?"),
        ("frozen@2", "'frozen@2' is not a change; frozen is written alone."),
        ("freeze=", "'freeze=' does not say what is needed; it is written freeze=T."),
    ],
)
def test_a_mistyped_change_is_no_missing_checkpoint(tmlt: Checkpoint, changes: str, says: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(f"{tmlt.folder}~{changes}")
    assert str(caught.value).startswith(f"mine~{changes}: {says}")
    assert all(name in str(caught.value) for name in VARIANTS) == (says.endswith("shift, "))
    assert len(str(caught.value)) < 200


def test_a_folder_may_be_called_like_a_mistyped_change(tmp_path: Path, make_checkpoint: Make) -> None:
    make_checkpoint(tmp_path / "mine~2", architecture="tmlt")
    assert load_checkpoint(str(tmp_path / "mine~2")).name == "mine~2"
    assert load_checkpoint("mine~2~frozen", catalogue=tmp_path).name == "mine~2~frozen"


def test_a_checkpoint_may_be_called_like_a_variant(tmp_path: Path, make_checkpoint: Make) -> None:
    make_checkpoint(tmp_path / "frozen", architecture="tmlt")
    assert load_checkpoint(f"{tmp_path / 'frozen'}~frozen").name == "frozen~frozen"


def test_the_engine_takes_variants_and_keeps_their_runs_apart(tmlt: Checkpoint) -> None:
    engine = Engine(tmlt.folder.parent, "cpu")

    def pack(trace: Any) -> dict[str, Any]:
        return {"arrays": {"hidden": trace.hidden}}

    runs = {
        name: engine.packed(name, TOKENS, 6, pack)["arrays"]["hidden"]
        for name in ("mine", *(f"mine~{kind}" for kind in VARIANTS))
    }
    for name, hidden in runs.items():
        wanted = record(load_checkpoint(f"{tmlt.folder.parent}/{name}").model, TOKENS, 6).hidden
        np.testing.assert_allclose(hidden, wanted, rtol=1e-3, atol=1e-4, err_msg=name)
        assert engine.packed(name, TOKENS, 6, pack)["arrays"]["hidden"] is hidden
        assert engine.checkpoint(name) is engine.checkpoint(name)
    assert len({hidden.tobytes() for hidden in runs.values()}) == len(runs)
    assert engine.names() == ["mine"]  # the catalogue itself does not grow
    for name in ("mine~nonsense", "mine~", "~frozen", "mine~frozen~frozen", "../mine~frozen", f"{tmlt.folder}~frozen"):
        with pytest.raises(CheckpointError, match=r"\.$"):
            engine.trace(name, TOKENS, 2)


def test_the_command_line_takes_variants(tmlt: Checkpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = "".join(str(token) if token else "." for token in tmlt.task.sample(1, seed=0, split="held-out")[0][0])
    for kind in VARIANTS:
        out = tmp_path / f"{kind}.npz"
        assert main(["trace", f"{tmlt.folder}~{kind}", board, "--loops", "3", "--out", str(out), "--json"]) == 0
        told = json.loads(capsys.readouterr().out.splitlines()[-1])
        variant = variant_of(tmlt, kind)
        assert (told["checkpoint"], told["sha256"]) == (f"mine~{kind}", variant.sha256)
        assert np.array_equal(
            Trace.load(out).hidden, record(variant.model, tmlt.task.encode(tmlt.task.parse(board)), 3).hidden
        )
    assert main(["evaluate", f"{tmlt.folder}~frozen", "--loops", "2", "--limit", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["checkpoint"] == "mine~frozen"
    assert main(["trace", f"{tmlt.folder}~frozen~hardmax", board]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        "looped: mine~frozen is a variant already; several changes are written with commas, "
        "as in mine~frozen,hardmax.\n",
    )
