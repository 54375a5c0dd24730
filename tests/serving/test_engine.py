"""The engine: one model for many users, every result remembered once and never mixed up with another."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped import tasks
from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import CheckpointError
from looped.lenses.fixed_point import loop_map, spectral_radius, verdict
from looped.model.interventions import freeze
from looped.runs.trace import Trace, record
from looped.serving.engine import MOST_LOOPS, Engine
from looped.serving.message import drift, pack_trace
from looped.serving.request import first_view
from looped.serving.views import message_bytes

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)


@pytest.fixture
def three(tmp_path: Path, make_checkpoint: Make) -> Path:
    make_checkpoint(tmp_path / "one", architecture="tmlt", injection=True)
    make_checkpoint(tmp_path / "two", architecture="tmlt", injection=True, seed=1)
    make_checkpoint(tmp_path / "plain", architecture="standard", layers=3)
    return tmp_path


class Packer:
    """Packs a trace and counts how often it was asked to."""

    def __init__(self, nbytes: int = 1000) -> None:
        self.traces: list[Trace] = []
        self.nbytes = nbytes

    def __call__(self, trace: Trace) -> dict[str, Any]:
        self.traces.append(trace)
        return {"arrays": {"some": np.zeros(self.nbytes, np.uint8)}}


def test_the_engine_runs_the_checkpoints_of_its_catalogue(three: Path) -> None:
    engine = Engine(three, "cpu")
    assert engine.names() == ["one", "plain", "two"]
    trace = engine.trace("one", TOKENS, 5)
    assert np.array_equal(trace.hidden, record(engine.checkpoint("one").model, TOKENS, 5).hidden)
    assert trace.difference < 1e-3  # measured, not NaN


def test_a_checkpoint_is_loaded_once(three: Path) -> None:
    engine = Engine(three, "cpu")
    assert engine.checkpoint("one") is engine.checkpoint("one")
    assert engine.checkpoint("one") is not engine.checkpoint("two")


def test_the_same_question_is_answered_from_memory_with_the_same_object(three: Path) -> None:
    engine, pack = Engine(three, "cpu"), Packer()
    first = engine.packed("one", TOKENS, 4, pack)
    assert engine.packed("one", TOKENS.copy(), 4, pack) is first
    assert len(pack.traces) == 1


def test_every_part_of_the_question_counts(three: Path) -> None:
    engine, pack, other_pack = Engine(three, "cpu"), Packer(), Packer()
    other_tokens = TOKENS.copy()
    other_tokens[15] = (other_tokens[15] + 1) % 5
    questions: list[tuple[Any, ...]] = [
        ("one", TOKENS, 4, pack),
        ("two", TOKENS, 4, pack),
        ("one", other_tokens, 4, pack),
        ("one", TOKENS, 5, pack),
        ("one", TOKENS, 4, other_pack),
        ("one~frozen", TOKENS, 4, pack),
        ("one~freeze=0@2", TOKENS, 4, pack),
    ]
    answers = [engine.packed(*question) for question in questions]
    assert len({id(answer) for answer in answers}) == len(questions)
    assert [engine.packed(*question) for question in questions] == answers
    assert len(pack.traces) == 6
    assert [trace.loops for trace in pack.traces] == [4, 4, 4, 5, 4, 4]
    assert np.array_equal(pack.traces[2].tokens, other_tokens)
    assert np.array_equal(
        pack.traces[4].hidden, record(engine.checkpoint("one").model, TOKENS, 4, interventions=[freeze()]).hidden
    )
    assert len({trace.hidden.tobytes() for trace in pack.traces if trace.loops == 4}) == 5


def test_equal_weights_under_another_config_are_another_model(three: Path, make_checkpoint: Make) -> None:
    make_checkpoint(three / "four heads", architecture="tmlt", injection=True, heads=4)
    engine, pack = Engine(three, "cpu"), Packer()
    assert engine.checkpoint("one").sha256 == engine.checkpoint("four heads").sha256
    engine.packed("one", TOKENS, 4, pack)
    engine.packed("four heads", TOKENS, 4, pack)
    assert [trace.attention.shape[2] for trace in pack.traces] == [2, 4]


def test_a_copy_of_a_checkpoint_shares_what_is_remembered(three: Path) -> None:
    shutil.copytree(three / "one", three / "copy")
    engine, pack = Engine(three, "cpu"), Packer()
    assert engine.packed("one", TOKENS, 4, pack) is engine.packed("copy", TOKENS, 4, pack)


def test_tokens_that_only_look_alike_in_memory_are_not_mixed_up(three: Path) -> None:
    engine, pack = Engine(three, "cpu"), Packer()
    engine.packed("one", TOKENS.astype(np.int64), 4, pack)
    with pytest.raises(ValueError, match="one sequence"):
        engine.packed("one", TOKENS.astype(np.int64).reshape(4, 4), 4, pack)
    with pytest.raises(ValueError, match="too many"):
        engine.packed("one", TOKENS.astype(np.int64).view(np.int32), 4, pack)


def test_the_oldest_results_give_way_and_the_bytes_stay_bounded(three: Path) -> None:
    engine, pack = Engine(three, "cpu", cache_bytes=3500), Packer(1000)  # room for three
    answers = [engine.packed("one", TOKENS, loops, pack) for loops in (1, 2, 3)]
    assert engine.packed("one", TOKENS, 1, pack) is answers[0]  # which makes 2 the one that was not used for longest
    engine.packed("one", TOKENS, 4, pack)
    assert sum(size for _, size in engine._cache.values()) == 3000
    assert engine.packed("one", TOKENS, 3, pack) is answers[2]
    assert engine.packed("one", TOKENS, 1, pack) is answers[0]
    assert len(pack.traces) == 4
    assert engine.packed("one", TOKENS, 2, pack) is not answers[1]
    assert len(pack.traces) == 5
    for loops in range(1, 30):
        engine.packed("one", TOKENS, loops, pack)
        assert sum(size for _, size in engine._cache.values()) <= 3500


def test_a_result_larger_than_the_memory_is_answered_and_replaced_by_the_next(three: Path) -> None:
    engine, pack = Engine(three, "cpu", cache_bytes=10), Packer(1000)
    for loops in (1, 2, 3):
        engine.packed("one", TOKENS, loops, pack)
        assert len(engine._cache) == 1


def test_the_size_that_is_counted_is_that_of_all_arrays_also_of_those_that_are_not_sent(three: Path) -> None:
    engine = Engine(three, "cpu")
    made = engine.packed("one", TOKENS, 4, pack_trace)
    assert [size for _, size in engine._cache.values()] == [
        sum(array.nbytes for part in ("arrays", "kept") for array in made[part].values() if array is not None)
    ]
    assert engine.kept_bytes() > made["kept"]["hidden"].nbytes


def test_eight_threads_get_what_one_gets(three: Path) -> None:
    inputs = [
        (("one", "two")[seed % 2], np.random.default_rng(seed // 3).integers(5, size=16), 1 + seed % 4)
        for seed in range(48)
    ]
    alone = Engine(three, "cpu")
    expected = [alone.packed(*question, pack_trace) for question in inputs]
    engine, start = Engine(three, "cpu"), threading.Barrier(8)

    def ask(first: int) -> dict[int, dict[str, Any]]:
        """All questions, beginning with another one in every thread."""
        start.wait(timeout=120)
        return {i % 48: engine.packed(*inputs[i % 48], pack_trace) for i in range(first, first + 48)}

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(0, 48, 6)))
    for got in answers:
        for i, one in enumerate(expected):
            for name, array in one["arrays"].items():
                close = 1 if array.dtype == np.uint8 else 1e-3
                np.testing.assert_allclose(
                    got[i]["arrays"][name].astype(float), array.astype(float), rtol=1e-3, atol=close
                )


def test_who_asks_for_what_is_being_made_waits_for_it(three: Path) -> None:
    """A class that opens one link: the first of it has the run made, the others get the same object."""
    engine, begun, done = Engine(three, "cpu", turns=8), threading.Event(), threading.Event()
    made: list[Trace] = []

    def pack(trace: Trace) -> dict[str, Any]:
        made.append(trace)
        begun.set()
        assert done.wait(60)
        return {"arrays": {}}

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(engine.packed, "one", TOKENS, 3, pack)
        assert begun.wait(60)
        others = [pool.submit(engine.packed, "one", TOKENS, 3, pack) for _ in range(7)]
        assert engine.trace("two", TOKENS, 3).loops == 3  # other questions go on
        done.set()
        assert all(other.result() is first.result() for other in others)
    assert len(made) == 1


def test_who_waits_for_what_cannot_be_made_is_told_too(three: Path) -> None:
    engine = Engine(three, "cpu")

    def pack(trace: Trace) -> dict[str, Any]:
        raise ValueError("no")

    with ThreadPoolExecutor(4) as pool:
        for asked in [pool.submit(engine.packed, "one", TOKENS, 3, pack) for _ in range(4)]:
            with pytest.raises(ValueError, match="no"):
                asked.result()
    assert engine.packed("one", TOKENS, 3, pack_trace)["meta"]["loops"] == 3


def test_timestep_scales_are_worked_out_once_and_serve_gradients_too(three: Path) -> None:
    engine = Engine(three, "cpu")
    first = engine.trace("one", TOKENS, 4)
    model = engine.checkpoint("one").model
    assert model.timestep is not None
    assert sorted(model.timestep.cached or ()) == [0, 1, 2, 3]
    for variant, shares in (("one~frozen", True), ("one~untrained", False)):
        timestep = engine.checkpoint(variant).model.timestep
        assert timestep is not None
        assert (timestep.cached is model.timestep.cached) is shares
    fresh = checkpoints.load_checkpoint("one", "cpu", three).model
    assert fresh.timestep is not None
    assert fresh.timestep.cached is None
    assert np.array_equal(record(fresh, TOKENS, 4).hidden, first.hidden)
    radii = [spectral_radius([loop_map(one, TOKENS, 3)], first.hidden[3:4]).value for one in (model, fresh)]
    assert np.array_equal(*radii)


@pytest.mark.parametrize(("name", "most", "passes"), [("one", MOST_LOOPS, "loops"), ("plain", 3, "layers")])
def test_loops_out_of_bounds_are_refused(three: Path, name: str, most: int, passes: str) -> None:
    engine, pack = Engine(three, "cpu"), Packer()
    assert engine.trace(name, TOKENS, most).loops == most
    for loops in (0, -1, most + 1, 10**9):
        with pytest.raises(ValueError, match=rf"^{name} can be run for 1 to {most} {passes} here, not {loops}\.$"):
            engine.packed(name, TOKENS, loops, pack)
    assert not pack.traces


def test_a_refused_request_leaves_the_engine_usable(three: Path) -> None:
    engine, pack = Engine(three, "cpu"), Packer()
    for bad in (np.full(16, 9), np.zeros(17, np.int64)):
        with pytest.raises(ValueError, match="tokens"):
            engine.packed("one", bad, 4, pack)
    assert engine.packed("one", TOKENS, 4, pack)["arrays"]


def test_a_name_from_a_link_never_becomes_a_path(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = three / "inside"
    shutil.copytree(three / "one", inside / "two")
    engine = Engine(inside, "cpu")
    monkeypatch.chdir(three)
    assert (Path("one") / "config.json").is_file()
    for name in ("one", "../one", str(three / "one"), "two/../two", "./two", "", "."):
        with pytest.raises(CheckpointError) as caught:
            engine.trace(name, TOKENS, 2)
        assert str(caught.value) == f"there is no checkpoint called {name!r}: it is none of two."
    assert engine.trace("two", TOKENS, 2).loops == 2


def test_a_broken_checkpoint_is_refused_and_can_be_mended(three: Path) -> None:
    engine = Engine(three, "cpu")
    whole = (three / "one" / "model.safetensors").read_bytes()
    (three / "one" / "model.safetensors").write_bytes(whole[:-1])
    with pytest.raises(CheckpointError, match="sha256"):
        engine.trace("one", TOKENS, 2)
    (three / "one" / "model.safetensors").write_bytes(whole)
    assert engine.trace("one", TOKENS, 2).loops == 2


def test_one_broken_folder_does_not_stop_the_others(tmp_path: Path, make_checkpoint: Make) -> None:
    make_checkpoint(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "config.json").write_text('{"schema": 1, "name": "bad"}', "utf-8")
    engine = Engine(tmp_path)
    assert engine.names() == ["good"]
    assert list(engine.broken()) == ["bad"]
    assert "lacks task, model, sha256" in engine.broken()["bad"]


def test_weights_without_a_config_are_told_and_do_not_stop_the_others(tmp_path: Path, make_checkpoint: Make) -> None:
    for name in ("good", "half"):
        make_checkpoint(tmp_path / name)
    (tmp_path / "half" / "config.json").unlink()
    (tmp_path / "empty").mkdir()
    engine = Engine(tmp_path)
    assert (engine.names(), list(engine.broken())) == (["good"], ["half"])
    assert engine.broken()["half"].endswith("config.json is missing.")


def free(engine: Engine) -> bool:
    """Whether it is anybody's turn right away, in an engine of one turn."""
    return engine._turns._short + engine._turns._long == 0


def test_long_work_takes_turns_is_remembered_and_can_be_left(three: Path) -> None:
    """Between two steps others have their turn; who stops listening stops the work.

    The last step is what is remembered.
    """
    engine, made = Engine(three, "cpu", turns=1), list[int]()

    def work() -> Iterator[dict[str, Any]]:
        for step in range(5):
            assert not free(engine)  # no two of them work at once
            made.append(step)
            yield {"arrays": {"step": np.array([step])}, "meta": {}}

    steps = engine.answers("question", work)
    next(steps)
    assert free(engine)  # while whoever asked looks at what is known, others work
    assert engine.trace("one", TOKENS, 3).loops == 3
    steps.close()
    assert made == [0]  # nobody asked for more; and half an answer is not remembered
    assert [step["arrays"]["step"].tolist() for step in engine.answers("question", work)] == [[0], [1], [2], [3], [4]]
    assert [step["arrays"]["step"].tolist() for step in engine.answers("question", work)] == [[4]]
    assert made == [0, 0, 1, 2, 3, 4]
    assert [*engine.answers("nothing", lambda: iter(()))] == []


def test_long_work_that_fails_frees_the_device(three: Path) -> None:
    engine = Engine(three, "cpu", turns=1)

    def work() -> Iterator[dict[str, Any]]:
        yield {"arrays": {}, "meta": {}}
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(engine.answers("question", work))
    assert free(engine)


def read_meta(message: bytes) -> dict[str, Any]:
    """What is written at the head of a message."""
    length = int.from_bytes(message[:8], "little")
    meta: dict[str, Any] = json.loads(json.loads(message[8 : 8 + length])["__metadata__"]["meta"])
    return meta


def test_a_device_without_memory_gives_way_to_the_cpu_and_it_is_said(
    tmp_path: Path, make_checkpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The models stay on the CPU here: the device that is called a GPU only fails."""
    make_checkpoint(tmp_path / "one")
    engine, devices = Engine(tmp_path, "cpu"), list[str]()
    shown = first_view(engine, tasks.get("sudoku4").page)
    usual = read_meta(message_bytes(engine, shown))

    def full(model: Any, *arguments: Any, **_: Any) -> Trace:
        devices.append("gpu" if not devices else "cpu")
        if devices == ["gpu"]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
        return record(model, *arguments)

    engine = Engine(tmp_path, "cpu")
    engine.checkpoint("one")
    engine.device = torch.device("cuda:0")
    monkeypatch.setattr("looped.serving.engine.record", full)
    found = read_meta(message_bytes(engine, shown))
    assert devices == ["gpu", "cpu"]
    assert found["device"] == "cpu"
    said = "cuda:0 has no memory left, so this was computed on the CPU."
    assert found["message"] == {"kind": "warning", "text": said}
    assert (usual["device"], usual["message"]["kind"]) == ("cpu", "info")  # the welcome
    assert read_meta(message_bytes(engine, shown))["message"]["text"] == said  # from the cache, too


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("[enforce fail] . DefaultCPUAllocator: can't allocate memory: 9 bytes")]
)
def test_a_cpu_without_memory_says_so_and_serves_the_next(
    three: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    engine, pack = Engine(three, "cpu"), Packer()

    def full(*arguments: Any, **_: Any) -> Trace:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("looped.serving.engine.record", full)
        with pytest.raises(ValueError, match=r"^There is no memory left for 4 loops of one; fewer take less\.$"):
            engine.packed("one", TOKENS, 4, pack)
    assert engine.packed("one", TOKENS, 4, pack)["arrays"]


def test_what_a_page_waits_for_is_run_once_and_what_is_taken_away_is_verified(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, runs = Engine(three, "cpu"), list[bool]()
    model = engine.checkpoint("one").model
    wanted, unroll = record(model, TOKENS, 5), model.unroll

    def watched(input: Any, loops: Any, record: bool, *rest: Any) -> Any:
        runs.append(record)
        return unroll(input, loops, record, *rest)

    monkeypatch.setattr(model, "unroll", watched)
    drawn = engine.packed("one", TOKENS, 5, pack_trace)
    assert runs == [True]
    assert drift([drawn]) == {"difference": None, "faithful": None}
    trace = engine.trace("one", TOKENS, 5)
    assert sorted(runs[1:]) == [False, True]
    assert all(np.array_equal(array, trace.arrays()[name]) for name, array in wanted.arrays().items())
    assert trace.difference == wanted.difference


def test_what_follows_from_a_run_is_worked_out_once(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many open the same link: how the run ends is not asked again."""
    engine, asked = Engine(three, "cpu"), list[int]()
    shown = first_view(engine, tasks.get("sudoku4").page)

    def counted(*arguments: Any) -> Any:
        asked.append(1)
        return verdict(*arguments)

    monkeypatch.setattr("looped.serving.views.verdict", counted)
    first = message_bytes(engine, shown)
    assert message_bytes(engine, shown) == first
    assert asked == [1]
