"""The command line, one file for each command: `add` gives it to the parser.

What is heavy is imported when a command runs, so that a wrong command line is refused at once.
"""

from __future__ import annotations

from looped.commands import (
    bench,
    convert,
    evaluate,
    experiment,
    export,
    hub,
    lesson,
    listing,
    serve,
    theory,
    trace,
    train,
)
from looped.commands.form import Commands, Parser

COMMANDS = (listing, trace, evaluate, experiment, train, convert, bench, export, theory, lesson, serve, hub)


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(prog="python -m looped", description="The microscope for looped transformers.")
    commands = Commands(top)
    for command in COMMANDS:
        command.add(commands)
    return top
