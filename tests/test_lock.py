"""The lock file: exact versions with hashes of all that the requirements ask for, PyTorch beside it."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
ENTRIES = [entry for entry in re.split(r"\n(?=\S)", LOCK.strip()) if not entry.startswith("#")]


def asked(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


def test_every_version_is_exact_and_has_hashes() -> None:
    for entry in ENTRIES:
        first, *hashes = entry.split("\\\n")
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][^ ]*( ; .+)? ", first), first
        assert hashes
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64} ?", one) for one in hashes), entry
    assert "//" not in LOCK  # it names no place to load from


def test_what_is_asked_for_is_locked_within_its_range_and_pytorch_is_pinned_in_the_readme() -> None:
    locked = dict(entry.split()[0].split("==") for entry in ENTRIES)
    (pin,) = re.findall(r"pip install torch==([0-9.]+) ", (ROOT / "README.md").read_text("utf-8"))
    assert "torch" not in locked
    locked["torch"] = pin
    for one in asked("requirements.txt") + asked("requirements-dev.txt"):
        assert locked[canonicalize_name(one.name)] in one.specifier, f"run .ci/lock: {one} is asked for"
