"""Find the files that belong to the library but hold no code: checkpoints, pages, documents, example inputs.

In a clone they lie in the repository, beside `looped/`. In a wheel they lie in `looped/_data/`, where `looped.wheel`
copies them when the wheel is built. Every room asks `resource` and does not need to know which of the two it is.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INSTALLED = PACKAGE / "_data"  # exists in an installed wheel only
ROOT = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent


def resource(name: str) -> Path:
    """Return the path of a file or folder by its name in the repository.

    >>> resource("assets/docs").name, resource("checkpoints").is_dir()
    ('docs', True)
    """
    return ROOT / name


def input_file(name: str) -> Path:
    """Return the path of a file that a command names: in the current folder if it exists there, or of the library.

    `python -m looped evaluate NAME --data assets/sudoku9-minimal.txt` therefore works in every folder.

    >>> input_file("assets/sudoku9-minimal.txt").is_file(), input_file("no such file")
    (True, PosixPath('no such file'))
    """
    own, shipped = Path(name), resource(name)
    return shipped if shipped.is_file() and not own.exists() else own
