"""A checkpoint that somebody sends: checked as one that is read, run once, and only then put beside the others."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from looped.catalogue.checkpoints import CheckpointError, load_checkpoint, names, read_info
from looped.runs.trace import record

NEEDED, OTHERS = ("config.json", "model.safetensors"), ("README.md", "log.csv")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")  # becomes a folder, a part of links and of file names
SHELF = 16  # times what one may take: so much the weights of a catalogue may take before nothing more is added
TRIED = 64  # loops, at most, that it is run for


def add(files: Mapping[str, bytes], catalogue: Path, most: int) -> str:
    """Put files, by their names, into a catalogue as a checkpoint, of at most so many bytes; return its name.

    Nothing that is there is replaced. Raises CheckpointError with one sentence for what is no checkpoint, and OSError
    where the catalogue cannot be written to.
    """
    _check_files(files, most)
    taken = sum((catalogue / name / NEEDED[1]).stat().st_size for name in names(catalogue))
    if taken + len(files[NEEDED[1]]) > SHELF * most:
        raise CheckpointError("there is no room for more checkpoints; whoever runs this server can take some away.")
    folder = Path(tempfile.mkdtemp(prefix=".upload-", dir=catalogue))  # of which a catalogue takes no notice
    try:
        for name, data in files.items():
            (folder / name).write_bytes(data)
        name = str(read_info(folder).get("name", ""))
        if not NAME.fullmatch(name):
            raise CheckpointError('config.json: "name" must be 1 to 60 letters A to Z, digits, - and _.')
        if (catalogue / name).exists():
            raise CheckpointError(f"there is a checkpoint called {name} already; give yours another name.")
        run_once(folder)
        folder.chmod(0o755)
        folder.rename(catalogue / name)
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(f"{folder}{os.sep}", "").replace(folder.name, "it")) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return name


def _check_files(files: Mapping[str, bytes], most: int) -> None:
    """Raise CheckpointError for files that are no checkpoint's, or too large together."""
    strange = sorted(files.keys() - {*NEEDED, *OTHERS})
    missing = [name for name in NEEDED if name not in files]
    if strange or missing:
        wrong = f"{missing[0]} is missing" if missing else f"{strange[0][:60]!r} is none of them"
        raise CheckpointError(f"a checkpoint is {' and '.join(NEEDED)}, and may have {' and '.join(OTHERS)}; {wrong}.")
    size = sum(map(len, files.values()))
    if size > most:
        raise CheckpointError(f"these files have {size:,} bytes; at most {most:,} are taken.")


def run_once(folder: Path) -> None:
    """Load a checkpoint and run its task's first example. Raises CheckpointError where that gives no numbers."""
    found = load_checkpoint(str(folder))
    task = found.task
    try:
        trace = record(found.model, task.encode(task.parse(task.examples[0][1])), min(found.model.trained_loops, TRIED))
    except ValueError as error:
        raise CheckpointError(f"it cannot be run: {error}") from error
    if not np.isfinite(trace.output).all():
        raise CheckpointError("it cannot be run: what it computes are no numbers.")
