"""Fitted probes are kept on disk, by the hash of the weights, so that the second question about a model is quick."""

from __future__ import annotations

import hashlib
from pathlib import Path

from looped.catalogue.checkpoints import Checkpoint
from looped.lenses import probes
from looped.lenses.probes import Probes
from looped.runs.names import CheckpointName
from looped.settings import settings

CACHE = (settings().cache or Path.home() / ".cache") / "loopscope"


def load(checkpoint: Checkpoint, what: str) -> Probes | None:
    """Return the probes that were kept under this name, None where there are none.

    `what` must tell everything that they depend on beside the model, in small letters, digits and hyphens.
    """
    return probes.load(CACHE, checkpoint.sha256, f"{what}-{_variant(checkpoint)}")


def keep(found: Probes, checkpoint: Checkpoint, what: str) -> None:
    """Keep probes for `load`."""
    probes.save(found, CACHE, checkpoint.sha256, f"{what}-{_variant(checkpoint)}")


def _variant(checkpoint: Checkpoint) -> str:
    """Return a name for the changes of a checkpoint, which may share its weights with the unchanged one."""
    return hashlib.sha256((CheckpointName.read(checkpoint.name).changes or "").encode()).hexdigest()[:12]
