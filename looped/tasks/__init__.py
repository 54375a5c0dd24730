"""Tasks: what a sequence means. `get` returns a task by name; `looped.tasks.protocol` says what every task offers."""

from __future__ import annotations

from looped.tasks.protocol import Task
from looped.tasks.registry import HOME, get, makers

__all__ = ["HOME", "Task", "get", "makers"]
