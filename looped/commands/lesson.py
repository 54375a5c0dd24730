"""Check a lesson and print its numbers."""

from __future__ import annotations

import argparse
from pathlib import Path

from looped.commands.form import Commands, emit


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("lesson", run_lesson, "Check a lesson: what is wrong with it, and what its numbers are.")
    sub.add_argument("file", help="a lesson's file, or the name of one that is shipped")


def run_lesson(args: argparse.Namespace) -> None:
    """Check a lesson. Raises LessonError with one sentence, the line and what to write instead."""
    from looped.lessons import find, read_file
    from looped.lessons.checking import check
    from looped.serving.engine import Engine

    lesson = read_file(Path(args.file)) if "." in args.file or "/" in args.file else find(args.file)
    numbers = check(Engine(), lesson)
    questions = sum(one.truth for one in numbers)
    counted = ((len(lesson.steps), "step"), (questions, "question"), (lesson.minutes, "minute"))
    words = [f"{number} {what}" + "s" * (number != 1) for number, what in counted]
    lines = [f"{lesson.title}: {', '.join(words)}."]
    lines += [
        f"  step {one.step}, line {one.line}: {one.measure} = {one.value}{'  (asked)' if one.truth else ''}"
        for one in numbers
    ]
    found = {"lesson": lesson.name, "title": lesson.title, "numbers": [one._asdict() for one in numbers]}
    emit(found, args.json, "\n".join(lines))
