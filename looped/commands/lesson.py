"""Check a lesson, print its numbers, and put it on paper."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from looped.commands.form import Commands, emit

if TYPE_CHECKING:
    from looped.lessons import Lesson


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("lesson", run_lesson, "Check a lesson: what is wrong with it, and what its numbers are.")
    sub.add_argument("file", nargs="?", help="a lesson's file, or the name of one that is shipped")
    sub.add_argument("--names", action="store_true", help="print what links call panels and what a board shows")
    sub.add_argument("--handout", metavar="OUT.html", help="write the lesson as a page to print, with its answers")
    sub.add_argument("--questions-only", action="store_true", help="leave the answers out of the page to print")


def run_lesson(args: argparse.Namespace) -> None:
    """Check a lesson. Raises LessonError with one sentence, the line and what to write instead."""
    if args.names:
        print_names(args.json)
        return
    if args.file is None:
        raise ValueError("lesson needs a file to check, or --names.")
    from looped.lessons import find, read_file
    from looped.lessons.checking import check
    from looped.serving.engine import Engine

    lesson = read_file(Path(args.file)) if "." in args.file or "/" in args.file else find(args.file)
    numbers = check(Engine(), lesson)
    questions = sum(one.truth for one in numbers)
    counted = ((len(lesson.steps), "step"), (questions, "question"), (lesson.minutes, "minute"))
    words = [f"{number} {what}" + "s" * (number != 1) for number, what in counted]
    lines = [f"{lesson.title}: {', '.join(words)}."]
    if args.handout:
        write_handout(lesson, Path(args.handout), answers=not args.questions_only)
        lines.append(f"  handout: {args.handout}")
    lines += [f"  warning, {warning}" for warning in lesson.warnings]
    lines += [
        f"  step {one.step}, line {one.line}: {one.measure} = {one.value}{'  (asked)' if one.truth else ''}"
        for one in numbers
    ]
    found = {"lesson": lesson.name, "title": lesson.title, "numbers": [one._asdict() for one in numbers]}
    found["warnings"] = list(lesson.warnings)
    emit(found, args.json, "\n".join(lines))


def print_names(json: bool) -> None:
    """Print the names of panels and of what a board shows."""
    from looped.lessons.panels import listing

    found = listing()
    lines = []
    for kind, named in found.items():
        lines.append(f"{kind}=")
        lines += [f"  {name:<12} {what} ({', '.join(links)})" for name, (what, links) in named.items()]
    emit(found, json, "\n".join(lines))


def write_handout(lesson: Lesson, out: Path, answers: bool) -> None:
    """Write a lesson as a page to print. Raises ValueError for a file that cannot be written."""
    from looped.export.handout import handout
    from looped.serving.engine import Engine

    if out.suffix != ".html":
        raise ValueError(f"{out} is no HTML file; write --handout OUT.html, open it and print it.")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent}; make it first.")
    out.write_text(handout(Engine(), lesson, answers), "utf-8")
