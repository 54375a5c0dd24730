"""Where lessons stand: those of the library, and a folder of a teacher's own (`LOOPSCOPE_LESSONS`)."""

from __future__ import annotations

from pathlib import Path

from looped.lessons.form import Lesson, LessonError
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
        found |= dict.fromkeys(file.stem for file in sorted(folder.glob("*.md")) if NAME.fullmatch(file.stem))
    return list(found)


def find(name: str) -> Lesson:
    """Read a lesson by its name. Raises LessonError where there is none or it cannot be used."""
    if NAME.fullmatch(name):
        for folder in folders():
            file = folder / f"{name}.md"
            if file.is_file():
                return read_file(file)
    raise LessonError(f"There is no lesson called {name[:40]!r}; the page Lessons lists them.")
