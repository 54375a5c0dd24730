"""Lessons: a file of steps that is read beside the microscope, and what the runs of its views answer.

`form` says what a lesson is, `reading` reads one from Markdown, `markup` warns of what is shown as it is written,
`measures` names what may be asked of a run, `runs` runs the views, `links` and `panels` know what their pages read,
`checking` tells what is wrong with a lesson, `answering` says what a student is sent: a step before a
guess, and what is revealed after it. `assets/docs/writing-lessons.md` describes the file.
"""

from __future__ import annotations

from looped.lessons.form import Lesson, LessonError, Step
from looped.lessons.reading import read_file, read_lesson
from looped.lessons.shelf import find, names

__all__ = ["Lesson", "LessonError", "Step", "find", "names", "read_file", "read_lesson"]
