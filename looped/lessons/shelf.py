"""Where lessons stand: those of the library, and a folder of a teacher's own (`LOOPSCOPE_LESSONS`)."""

from __future__ import annotations

from pathlib import Path

from looped.lessons.form import Lesson, LessonError
from looped.lessons.names import nearest
from looped.lessons.reading import NAME, read_file
from looped.places import resource
from looped.settings import settings

FOLDER = "assets/lessons"


def folders() -> list[Path]:
    """Return the folders of lessons; one's own come first, and take the place of those of the same name."""
    own = settings().lessons
    return [*([own] if own is not None else []), resource(FOLDER)]


def names() -> list[str]:
    """Return the names of all lessons: of the library in the order of their numbers, then one's own."""
    found: dict[str, None] = {}
    for folder in reversed(folders()):
        stems = [file.stem for file in folder.glob("*.md") if NAME.fullmatch(file.stem)]
        found |= dict.fromkeys(sorted(stems, key=numbered))
    return list(found)


def misnamed() -> list[str]:
    """Return the files of a folder of one's own that would be lessons, had they a name of small letters."""
    own = settings().lessons
    found = [] if own is None else sorted(file.name for file in own.glob("*.[mM][dD]"))
    return [name for name in found if not readable(name) and not name.lower().startswith("readme")]


def readable(name: str) -> bool:
    """Return whether a file can be a lesson by its name.

    >>> readable("my-lesson.md"), readable("My Lesson.md")
    (True, False)
    """
    return name.endswith(".md") and NAME.fullmatch(name.removesuffix(".md")) is not None


def numbered(name: str) -> tuple[float, str]:
    """Return where a name stands in the order of its number; those without one come last.

    >>> sorted(["10-words", "of-my-own", "2-rest"], key=numbered)
    ['2-rest', '10-words', 'of-my-own']
    """
    number = name.partition("-")[0]
    return (float(number) if number.isdecimal() else float("inf"), name)


def find(name: str) -> Lesson:
    """Read a lesson by its name. Raises LessonError where there is none or it cannot be used."""
    if NAME.fullmatch(name):
        for folder in folders():
            file = folder / f"{name}.md"
            if file.is_file():
                return read_file(file)
    near = nearest(name[:60], names())
    said = f" {near.capitalize()}" if near.startswith("did") else ""
    raise LessonError(f"There is no lesson called {name[:40]!r}; the page Lessons lists them.{said}")
