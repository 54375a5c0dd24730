"""A replica without Ray: what it computes alone and together, and what travels between it and the app."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from looped.runs.together import CLOSE, record_together
from looped.runs.trace import Trace, record
from looped.serving import replica as module
from looped.serving.engine import Engine
from looped.serving.packing import packer
from looped.serving.parcel import unwrapped, wrapped
from looped.serving.replica import Replica

Make = Callable[..., Any]
INPUTS = [np.random.default_rng(seed).integers(5, size=16) for seed in range(4)]


@pytest.fixture
def replica(tmp_path: Path, make_checkpoint: Make) -> Iterator[Replica]:
    make_checkpoint(tmp_path / "one", architecture="tmlt", injection=True)
    make_checkpoint(tmp_path / "plain", architecture="looped", causal=True)
    with threadpool_limits(os.cpu_count(), "blas"):  # a replica leaves NumPy one core
        yield Replica(str(tmp_path), "cpu", 64)


def asked(replica: Replica, tokens: np.ndarray, name: str = "one", loops: int = 5, **more: Any) -> bytes:
    """A request as the app sends it."""
    sha256 = replica.engine.checkpoint(name).sha256
    meta = {"checkpoint": name, "sha256": sha256, "loops": loops, "pack": None} | more
    return wrapped({"arrays": {"input": tokens}, "meta": meta})


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays are equal to the bit."""
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def trace_in(body: bytes) -> Trace:
    packed, _ = unwrapped(body)
    return Trace.of(packed["arrays"], packed["meta"]["difference"])


def test_a_parcel_gives_back_what_went_in_to_the_bit_and_in_its_order() -> None:
    packed = {
        "arrays": {
            "z": np.array([0.1, np.nan], np.float16),
            "a": np.zeros((2, 0, 3), np.int8),
            "whole": np.array(7.5),
            "turned": np.arange(6).reshape(2, 3).T,
            "truth": np.array([True, False]),
        },
        "meta": {"number": 0.1, "none": None, "words": ["ä", '"']},
        "kept": {"scales": None, "hidden": np.ones(2, np.float32), "device": "cpu"},
    }
    found, about = unwrapped(wrapped(packed, device="cuda:0"))
    assert about == {"device": "cuda:0"}
    assert found["meta"] == packed["meta"]
    assert [list(found[part]) for part in ("arrays", "kept")] == [list(packed[part]) for part in ("arrays", "kept")]
    for name, array in packed["arrays"].items():
        assert same(found["arrays"][name], array)
    assert found["kept"]["scales"] is None
    assert found["kept"]["device"] == "cpu"


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff" * 100, wrapped({"arrays": {}})[:-3], b"\0" * 8])
def test_what_is_no_parcel_is_told_in_one_sentence(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^this is no parcel of arrays\.$"):
        unwrapped(data)


@pytest.mark.parametrize("settings", [{"architecture": "tmlt"}, {"causal": True}, {"positions": "none"}])
def test_a_batch_gives_each_input_its_trace_but_for_rounding(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)
    for tokens, trace in zip(INPUTS, record_together(model, INPUTS, 5), strict=True):
        alone = record(model, tokens, 5)
        assert trace.faithful
        assert trace.arrays().keys() == alone.arrays().keys()
        for name, array in alone.arrays().items():
            np.testing.assert_allclose(trace.arrays()[name], array, atol=CLOSE * np.abs(alone.hidden).max())
    (single,) = record_together(model, INPUTS[:1], 5)
    assert all(
        np.array_equal(single.arrays()[name], array) for name, array in record(model, INPUTS[0], 5).arrays().items()
    )


def test_a_run_that_is_alone_is_the_app_s_to_the_bit(replica: Replica) -> None:
    task = replica.engine.checkpoint("one").task
    (answer,) = replica.answer_all([asked(replica, INPUTS[0], pack=[task.name, ""])])
    own = Engine(replica.engine.catalogue, "cpu").packed("one", INPUTS[0], 5, packer(task.name))
    packed, about = unwrapped(answer.body)
    assert (answer.status, about) == (200, {"device": "cpu"})
    assert json.dumps(packed["meta"]) == json.dumps(own["meta"])
    for part in ("arrays", "kept"):
        assert list(packed[part]) == list(own[part])
        for name, array in own[part].items():
            assert array is None or same(packed[part][name], array), name


def test_compatible_runs_go_together_and_equal_ones_once(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(model: Any, inputs: Any, loops: int, verify: bool) -> Any:
        sizes.append(len(inputs))
        return record_together(model, inputs, loops, verify)

    monkeypatch.setattr(module, "record_together", counted)
    bodies = [asked(replica, tokens) for tokens in INPUTS]
    others = [asked(replica, INPUTS[0], loops=6), asked(replica, INPUTS[0], name="plain")]
    answers = replica.answer_all([*bodies, bodies[1], *others])
    assert sizes == [4]
    assert answers[4] is answers[1]
    assert [trace_in(answer.body).loops for answer in answers] == [5, 5, 5, 5, 5, 6, 5]
    for tokens, answer in zip(INPUTS, answers, strict=False):
        assert np.array_equal(trace_in(answer.body).tokens, tokens)
    monkeypatch.setattr(module, "ROOM", 2 * 5 * 16)
    replica.answer_all(bodies)
    assert sizes == [4, 2, 2]


def test_one_wrong_run_spoils_no_other(replica: Replica) -> None:
    wrong = np.full(16, 9)
    answers = replica.answer_all(
        [
            asked(replica, INPUTS[0]),
            asked(replica, wrong),
            asked(replica, INPUTS[1]),
            asked(replica, INPUTS[1], loops=65),
            asked(replica, INPUTS[1], sha256="another"),
            asked(replica, INPUTS[1], checkpoint="../one"),
            asked(replica, INPUTS[1], pack=["no task", ""]),
            b"nothing",
        ]
    )
    assert [int(answer.status) for answer in answers] == [200, 400, 200, 400, 409, 400, 400, 400]
    assert b"tokens" in answers[1].body
    assert answers[3].body == b"one can be run for 1 to 64 loops here, not 65."
    assert np.array_equal(
        trace_in(answers[2].body).hidden, record(replica.engine.checkpoint("one").model, INPUTS[1], 5).hidden
    )


def test_a_replica_without_anything_to_run_is_not_well(replica: Replica, tmp_path: Path) -> None:
    replica.check()
    assert replica.about() == {"device": "cpu", "checkpoints": ["one", "plain"]}
    for name in ("one", "plain"):
        (tmp_path / name / "config.json").unlink()
    with pytest.raises(RuntimeError, match="no checkpoint"):
        replica.check()
