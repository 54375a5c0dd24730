"""Regression in context: functions that a model learns from the examples of its prompt."""

from __future__ import annotations

from functools import partial

from looped.tasks.registry import Makers
from looped.tasks.regression.functions import FORMS
from looped.tasks.regression.task import Regression


def makers() -> Makers:
    """Return what makes each task of this room."""
    return {name: partial(Regression, name) for name in FORMS}
