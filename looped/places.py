"""Find the files that belong to the library but hold no code: checkpoints, pages, documents, example inputs.

In a clone they lie in the repository, beside `looped/`. In a wheel they lie in `looped/_data/`, where `looped.wheel`
copies them when the wheel is built. Every room asks `resource` and does not need to know which of the two it is.

What the library writes it writes with `whole`, so that a file is the old one or the new one, never half of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Give a path to write to, which takes the place of `file` when all is written.

    A full disk or a kill leaves `file` as it was, or not there. Raises OSError that names `file` and says why it was
    not written, also for an error of another kind from a library that writes.
    """
    if file.exists() and not file.is_file():  # a device or a pipe, which nothing takes the place of
        yield file
        return
    target = file.resolve()  # of a link, which stays
    part = target.with_name(f".{target.name[-80:]}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    except Exception as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror or str(error), str(file)) from error
        if type(error).__name__ == "SafetensorError":  # which is all that this library says of a full disk
            raise OSError(None, str(error), str(file)) from error
        raise
    except BaseException:  # the keyboard
        part.unlink(missing_ok=True)
        raise


def write_whole(file: Path, text: str) -> None:
    """Write a text in UTF-8; see `whole`."""
    with whole(file) as part:
        part.write_text(text, "utf-8")
