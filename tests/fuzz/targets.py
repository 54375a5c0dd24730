"""Whatever reads what strangers write, each with inputs that are nearly right.

A reader takes its input or raises a ValueError with one short sentence, which names no folder of this machine.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from starlette.responses import Response

from looped import tasks
from looped.catalogue import checkpoints, schema
from looped.catalogue.convert import read_state
from looped.catalogue.evaluate import LoopCount
from looped.catalogue.inputs import read_lines
from looped.catalogue.sets import choose
from looped.runs import changes
from looped.runs.names import CheckpointName
from looped.serving.engine import Engine
from looped.serving.request import shown_by
from looped.settings import Settings, declared
from looped.tasks.registry import makers
from looped.theory.lab import Lab
from looped.theory.lab import read as read_lab
from looped.ui.doors import attached
from looped.ui.download import folder_names
from tests.fuzz.made import CORPUS, JSON, Target, damaged, nearly
from tests.fuzz.sent import of_classes, of_files, of_lessons, of_pictures, of_replicas, of_requests, of_uploads

SLOW = 30.0  # seconds of the processor that no input may take
LONGEST = 1000  # characters of a sentence


def of_tasks() -> dict[str, Target]:
    """The text of an input, and a list of inputs, of one task of each kind."""
    kinds = {tasks.get(name).kind: tasks.get(name) for name in reversed(list(makers()))}
    found = {}
    for kind, task in kinds.items():
        right = [text for _, text in task.examples]
        texts = nearly(right)
        found[f"input of {kind}"] = Target(texts, lambda text, task=task: task.encode(task.parse(text)), CORPUS)
        if task.input_kind == "tokens":
            lists = st.lists(texts, max_size=4)
            found[f"list of {kind}"] = Target(lists, lambda lines, task=task: read_lines(lines, task, "file"))
            found[f"pasted list of {kind}"] = Target(texts, lambda text, task=task: choose(task, "own", text), CORPUS)
    return found


def of_folders(folder: Path, good: Path) -> dict[str, Target]:
    """A checkpoint's files, of which one is damaged, in a folder that is made anew for each input."""
    info = json.loads((good / "config.json").read_text("utf-8"))

    def verify(file: str) -> Callable[[bytes], object]:
        def read(data: bytes) -> object:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(good, folder)
            (folder / file).write_bytes(data)
            if file == "model.safetensors":  # of a right hash: what comes after it is tried
                described = info | {"sha256": checkpoints.hashlib.sha256(data).hexdigest()}
                (folder / "config.json").write_text(json.dumps(described), "utf-8")
            return checkpoints.verify(folder)

        return read

    def state(data: bytes) -> object:
        (folder.parent / "fuzzed.pt").write_bytes(data)
        return read_state(folder.parent / "fuzzed.pt")

    config = (good / "config.json").read_bytes()
    fields = st.sampled_from(sorted(info)).flatmap(lambda name: JSON.map(lambda value: info | {name: value}))
    inside = st.sampled_from(sorted(info["model"])).flatmap(
        lambda name: JSON.map(lambda value: info | {"model": info["model"] | {name: value}})
    )
    texts = (fields | inside).map(lambda made: json.dumps(made).encode())
    strange = json.dumps(info | {"model": info["model"] | {"\x85": 1}}).encode()
    log = b"step,seconds,loss,asked,held-out 4\n1,0.5,2.5,0.1,\n2,1.0,2.4,0.2,0.5\n"
    return {
        "config.json": Target(
            damaged(config) | texts, verify("config.json"), (b"", b"\xff\xfe{", b"[" * 100_000, strange)
        ),
        "model.safetensors": Target(
            damaged((good / "model.safetensors").read_bytes()),
            verify("model.safetensors"),
            (b"", b"\xff" * 8, (2**40).to_bytes(8, "little") + b"{}"),
        ),
        "log.csv": Target(
            damaged(log), verify("log.csv"), (b"", b"step\n\n", b'step\n"', b"step,step\n1,2\n", b'step,"a\nb"\n1,x\n')
        ),
        "README.md": Target(st.binary(max_size=40), verify("README.md"), (b"\xff\xfe",)),
        "state dict": Target(
            damaged(b"PK\x03\x04" + b"\0" * 60) | st.binary(max_size=60), state, (b"\x80\x02N.", b"\x80\x17N.")
        ),
    }


def told_of(config: Any) -> None:
    wrong = schema.wrong_config(config)
    if wrong is not None:
        raise ValueError(wrong)


def header(name: str) -> None:
    (folder,) = folder_names([name])
    assert "/" not in folder
    assert not folder.startswith(".")
    assert "\n" not in Response(b"", headers=attached(f"{folder}.zip")).headers["Content-Disposition"]


LINKS = ["puzzle", "checkpoint", "loops", "loop", "cell", "head", "versus", "v", "entered", "panels", "source"]
CHANGES = ["freeze=8@4,cut=1", "cut=1_mlp@4-10,ones", "untrained", "patch=1_.2", "stretch=2,temperature=0.5", "frozen"]


def targets(shelf: Path, folder: Path) -> dict[str, Target]:
    """All readers. shelf: a catalogue with a checkpoint called good; folder: what may be written to."""
    engine = Engine(shelf, "cpu")
    values = nearly([*CHANGES, "good", "good~frozen", "1", "8", ".3244..32.3..1.2", "good~freeze=8@4"])
    variables = [of.variable for of in declared().values() if of.variable != "XDG_CACHE_HOME"]
    return {
        **of_tasks(),
        **of_folders(folder, shelf / "good"),
        **of_uploads(shelf, folder.parent / "sent"),
        **of_files(folder),
        **of_lessons(),
        **of_pictures(),
        **of_replicas(),
        **of_classes(),
        **of_requests(engine),
        "changes": Target(nearly(CHANGES), changes.read, CORPUS),
        "a changed checkpoint": Target(nearly(CHANGES).map(lambda text: f"good~{text}"), engine.checkpoint),
        "a checkpoint's name": Target(values, CheckpointName.read, CORPUS),
        "number of loops": Target(nearly(["16", "needed+2", "2*longest+4"]), LoopCount.read, CORPUS),
        "link": Target(
            st.dictionaries(st.sampled_from(LINKS), values, max_size=6),
            lambda query: shown_by(engine, query),
            tuple({name: text} for name in LINKS[:6] for text in CORPUS),
        ),
        "link to the theory": Target(
            st.dictionaries(st.sampled_from(list(Lab().query())), nearly(list(Lab().query().values())), max_size=4),
            read_lab,
            tuple({name: text} for name in Lab().query() for text in CORPUS),
        ),
        "scores": Target(
            JSON.map(lambda value: {"scores": [value]}) | JSON.map(lambda value: {"training": value}), told_of
        ),
        "file name": Target(values, header, CORPUS),
        "setting": Target(
            st.dictionaries(
                st.sampled_from(variables), nearly(["on", "cpu", "8", "https://moodle.example"]), max_size=2
            ),
            Settings.read,
            tuple({name: text} for name in variables for text in CORPUS),
        ),
    }


def attempt(read: Callable[[Any], object], given: Any, machine: Path) -> bool:
    """Give a reader an input; return whether it was taken. AssertionError for what no reader may do."""
    begun = time.thread_time()
    wrong: ValueError | None = None
    try:
        read(given)
    except ValueError as error:
        wrong = error
    if wrong is not None:
        said = str(wrong)
        assert not isinstance(wrong, UnicodeError), f"no sentence: {said!r}"
        assert 0 < len(said) <= LONGEST, f"no sentence: {said[:300]!r}"
        assert len(said.splitlines()) == 1, f"more than a line: {said!r}"
        assert str(machine) not in said.replace(str(machine / "fuzzed"), ""), f"tells where it lies: {said!r}"
    assert time.thread_time() - begun < SLOW
    return wrong is None
