"""Names of checkpoints with their changes.

`sudoku9-tmlt~freeze=8,cut=1@4-10` is the checkpoint before "~" and the changes behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

MARK = "~"
LONGEST = 60  # letters of a word that is compared with names
NEAR, LEAST = 3, 0.7  # names that a word may mean, at most; how alike they are, at least (`difflib`)


def near(word: str, known: Iterable[str], most: int = NEAR) -> list[str]:
    """Return the names that a mistyped word may mean, the nearest first.

    >>> near("freze", ["cut", "freeze", "frozen"], most=1), near("foo", ["cut", "freeze"])
    (['freeze'], [])
    """
    return get_close_matches(word[:LONGEST], list(known), most, LEAST)


@dataclass(frozen=True)
class CheckpointName:
    """The name of a checkpoint, or of a variant of one. `str` writes it as it is read."""

    base: str  # of the checkpoint, or its folder
    changes: str | None = None  # separated by commas, as `looped.runs.changes` and `.variants` read them; None: no "~"

    @classmethod
    def read(cls, text: str) -> CheckpointName:
        """Split a name at its first "~".

        >>> CheckpointName.read("sudoku9-tmlt~freeze=8,ones")
        CheckpointName(base='sudoku9-tmlt', changes='freeze=8,ones')
        """
        base, mark, changes = text.partition(MARK)
        return cls(base, changes if mark else None)

    @classmethod
    def of_folder(cls, name: str, folder: Path) -> CheckpointName:
        """Return the name under which a checkpoint called `name` is loaded from its folder, with the same changes.

        A folder's own name may hold a "~".

        >>> str(CheckpointName.of_folder("mine~frozen", Path("/models/mine")))
        '/models/mine~frozen'
        """
        changes = name.removeprefix(folder.name)
        return cls(str(folder), changes.removeprefix(MARK) if changes else None)

    def __str__(self) -> str:
        return self.base if self.changes is None else f"{self.base}{MARK}{self.changes}"

    def changed(self, changes: str) -> CheckpointName:
        """Return the same checkpoint with other changes."""
        return CheckpointName(self.base, changes)

    @property
    def parts(self) -> list[str]:
        """Return the changes, one by one.

        >>> CheckpointName.read("sudoku9-tmlt~freeze=8,ones").parts, CheckpointName.read("sudoku9-tmlt").parts
        (['freeze=8', 'ones'], [])
        """
        return self.changes.split(",") if self.changes else []

    @property
    def task(self) -> str:
        """Return the part of the name that says the task.

        >>> CheckpointName.read("sudoku9-tmlt~frozen").task
        'sudoku9'
        """
        return self.base.partition("-")[0]

    @property
    def model(self) -> str:
        """Return the part of the name that says the kind of model, and perhaps its size.

        >>> CheckpointName.read("sudoku9-tmlt~frozen").model
        'tmlt'
        """
        return self.base.partition("-")[2]
