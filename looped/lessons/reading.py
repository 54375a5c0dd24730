"""Read a lesson from Markdown. Whatever is wrong is told with its line and with what to write instead.

---                             front matter: title, about, minutes
title: …
---
## Title of a step
view: /?v=1&checkpoint=…        settings, one a line, then an empty line
point: play

Paragraphs.

- 1 to 4: an answer             of a choice
### Then                        what is revealed after the guess
### If too low                  and what is said beside it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from looped.lessons.form import (
    CONTROLS,
    KINDS,
    NEVER,
    RESULTS,
    THEORY,
    Kind,
    Lesson,
    LessonError,
    Option,
    Question,
    Step,
    page_of,
    query_of,
)
from looped.lessons.measures import family, wrong_name

FRONT = ("title", "about", "minutes")
SETTINGS = ("view", "point", "ask", "measure", "then", "near")
MOST_WORDS = 60  # of a step before its guess, and of what is revealed
MOST_BYTES = 200_000
SECTIONS = {"then": "then", **{f"if {result}": result for result in RESULTS}}
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
RANGE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(?: (?:to (-?[0-9]+(?:\.[0-9]+)?)|(or more)))?")
Numbered = tuple[int, str]  # a line, with its number from 1


@dataclass
class Part:
    """Lines that belong together: of a step, or of one of its sections."""

    title: str
    line: int
    lines: list[Numbered] = field(default_factory=list)


class Reader:
    """Reads one file; `wrong` makes the error about a line of it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, line: int, said: str) -> LessonError:
        """Return what is said of a line."""
        return LessonError(f"{self.name}, line {line}: {said}")

    def lesson(self, text: str) -> Lesson:
        """Read a whole lesson."""
        lines = list(enumerate(text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n"), 1))
        front, rest = self.front(lines)
        parts = list(self.parts(rest, "## "))
        if not parts:
            raise self.wrong(lines[-1][0], "there is no step; begin one with a line such as “## Press play”.")
        minutes = self.whole(front["minutes"], self.lines["minutes"], 1, 60)
        steps = tuple(self.step(part) for part in parts)
        return Lesson(Path(self.name).stem, front["title"], front["about"], minutes, steps)

    def front(self, lines: list[Numbered]) -> tuple[dict[str, str], list[Numbered]]:
        """Read the front matter; return it and the lines behind it."""
        if lines[0][1].strip() != "---":
            raise self.wrong(1, "a lesson begins with a line “---”, then title:, about: and minutes:, then “---”.")
        end = next((at for at, (_, text) in enumerate(lines[1:], 1) if text.strip() == "---"), None)
        if end is None:
            raise self.wrong(1, "the front matter has no end; write a line “---” behind title:, about: and minutes:.")
        found = self.settings(lines[1:end], FRONT, "front matter")
        for key in FRONT:
            if key not in found:
                raise self.wrong(lines[end][0], f"the front matter lacks “{key}:”; write it before this line.")
        return found, lines[end + 1 :]

    def settings(self, lines: list[Numbered], known: tuple[str, ...], where: str) -> dict[str, str]:
        """Read lines “key: value”; `lines` of the reader then has where each stands."""
        self.lines: dict[str, int] = {}
        found: dict[str, str] = {}
        for number, text in lines:
            if not text.strip():
                continue
            key, colon, value = text.partition(":")
            key = key.strip()
            if not colon or key not in known:
                raise self.wrong(
                    number, f"{text.strip()[:40]!r} is no setting of the {where}; it has {', '.join(known)}."
                )
            if key in found:
                raise self.wrong(number, f"“{key}:” stands here twice; leave one out.")
            if not value.strip():
                raise self.wrong(number, f"“{key}:” says nothing; write something behind it or leave the line out.")
            found[key], self.lines[key] = value.strip(), number
        return found

    def parts(self, lines: list[Numbered], mark: str) -> Iterator[Part]:
        """Split lines at headings; what stands before the first must be empty."""
        part: Part | None = None
        for number, text in lines:
            if text.startswith(mark):
                if part is not None:
                    yield part
                part = Part(text[len(mark) :].strip(), number)
                if not part.title:
                    raise self.wrong(number, f"this heading has no words; write “{mark}What it is about”.")
            elif part is not None:
                part.lines.append((number, text))
            elif text.strip():
                raise self.wrong(
                    number, f"{text.strip()[:40]!r} stands before the first step; begin one with “{mark}…”."
                )
        if part is not None:
            yield part

    def step(self, part: Part) -> Step:
        """Read one step."""
        begin = next((at for at, (_, text) in enumerate(part.lines) if text.startswith("### ")), len(part.lines))
        own, sections = part.lines[:begin], list(self.parts(part.lines[begin:], "### "))
        own = own[next((at for at, (_, text) in enumerate(own) if text.strip()), len(own)) :]
        end = next((at for at, (_, text) in enumerate(own) if not text.strip()), len(own))
        settings = self.settings(own[:end], SETTINGS, "step")
        lines = dict(self.lines)
        if "view" not in settings:
            raise self.wrong(part.line, "this step has no view; write “view:” and the link that Copy link gives.")
        text, options = self.body(own[end:])
        if not text:
            raise self.wrong(part.line, "this step says nothing; write a sentence or two behind its settings.")
        self.short(part.line, [*text, *(option.text for option in options)], "this step")
        return Step(
            part.title,
            self.view(settings["view"], lines["view"]),
            text,
            self.points(settings.get("point", ""), lines.get("point", 0)),
            self.question(part, settings, lines, options, sections),
            part.line,
            lines,
        )

    def body(self, lines: list[Numbered]) -> tuple[tuple[str, ...], tuple[Option, ...]]:
        """Read paragraphs, and answers to choose from."""
        paragraphs: list[str] = []
        options: list[Option] = []
        fresh = True
        for number, text in lines:
            if text.startswith("- "):
                options.append(self.option(number, text[2:].strip()))
            elif text.strip() and fresh:
                paragraphs.append(text.strip())
            elif text.strip():
                paragraphs[-1] += " " + text.strip()
            fresh = not text.strip() or text.startswith("- ")
        return tuple(paragraphs), tuple(options)

    def option(self, line: int, text: str) -> Option:
        """Read an answer to choose from: for which numbers it is right, and its words."""
        values, colon, words = text.partition(":")
        found = RANGE.fullmatch(values.strip())
        if not colon or not words.strip() or (found is None and values.strip() != NEVER):
            raise self.wrong(
                line, "an answer is written “- 1 to 4: its words”, “- 5 or more: its words” or “- never: its words”."
            )
        if found is None:
            return Option(words.strip(), None, None, line)
        low = float(found[1])
        high = float("inf") if found[3] else float(found[2] or found[1])
        return Option(words.strip(), low, high, line)

    def question(
        self,
        part: Part,
        settings: dict[str, str],
        lines: dict[str, int],
        options: tuple[Option, ...],
        sections: list[Part],
    ) -> Question | None:
        """Read the question of a step, None where it asks nothing."""
        if "ask" not in settings:
            for key in ("measure", "then", "near"):
                if key in settings:
                    raise self.wrong(lines[key], f"“{key}:” belongs to a question; write “ask:”, too, or leave it out.")
            if options or sections:
                line = options[0].line if options else sections[0].line
                raise self.wrong(line, "this step asks nothing; write “ask: choice” above it, or leave this out.")
            return None
        for key in ("measure", "then"):
            if key not in settings:
                raise self.wrong(lines["ask"], f"a question needs “{key}:”; write it below “ask:”.")
        kind, low, high = self.asked(settings["ask"], lines["ask"])
        if (kind == "choice") != bool(options) or len(options) == 1:
            raise self.wrong(lines["ask"], "a choice, and only a choice, has two answers or more, “- 1 to 4: words”.")
        unknown = wrong_name(settings["measure"], family(kind))
        if unknown:
            raise self.wrong(lines["measure"], unknown)
        return Question(
            kind,
            settings["measure"],
            self.view(settings["then"], lines["then"]),
            low,
            high,
            self.whole(settings.get("near", "0"), lines.get("near", 0), 0, 1000),
            options,
            *self.reveal(part, kind, sections),
            lines["ask"],
        )

    def asked(self, text: str, line: int) -> tuple[Kind, int, int]:
        """Read what kind of question it is, and its bounds."""
        words = text.split()
        kind = next((one for one in KINDS if words[0] == one), None)
        if kind is None:
            raise self.wrong(line, f"there is no question {words[0][:20]!r}; there are {', '.join(KINDS)}.")
        if kind in ("choice", "cells"):
            if len(words) > 1:
                raise self.wrong(line, f"“ask: {kind}” stands alone; take {' '.join(words[1:])[:30]!r} away.")
            return kind, 0, 0
        found = re.fullmatch(r"from ([0-9]{1,6}) to ([0-9]{1,6})", " ".join(words[1:]))
        if found is None or int(found[1]) >= int(found[2]):
            raise self.wrong(line, f"say between which bounds: “ask: {kind} from 1 to 16”.")
        return kind, int(found[1]), int(found[2])

    def reveal(self, part: Part, kind: Kind, sections: list[Part]) -> tuple[tuple[str, ...], dict[str, str]]:
        """Read what is revealed: paragraphs for everybody, and one for each result."""
        after: tuple[str, ...] = ()
        says: dict[str, str] = {}
        for section in sections:
            name = SECTIONS.get(section.title.lower())
            if name is None:
                known = ", ".join(f"“### {one.capitalize()}”" for one in SECTIONS)
                raise self.wrong(section.line, f"there is no part “### {section.title[:30]}”; there are {known}.")
            if name in ("too low", "too high") and kind not in ("number", "loop", "curve"):
                raise self.wrong(section.line, f"a {kind} is never {name}; write “### If wrong”.")
            paragraphs, options = self.body(section.lines)
            if options or not paragraphs:
                raise self.wrong(section.line, "write sentences below this heading; answers stand above “### Then”.")
            self.short(section.line, list(paragraphs), "this part")
            if name == "then":
                after = paragraphs
            else:
                says[name] = " ".join(paragraphs)
        if not after:
            raise self.wrong(part.line, "this step asks and reveals nothing; write “### Then” and a sentence of why.")
        return after, says

    def view(self, text: str, line: int) -> str:
        """Read a link into the microscope: path and query, whatever server it was copied from."""
        shown = re.sub(r"^https?://[^/\s]+", "", text)
        if not re.fullmatch(r"/[a-z-]*\?\S+", shown):
            raise self.wrong(
                line, f"{text[:40]!r} is no link of a view; write what Copy link gives, “/?v=1&checkpoint=…”."
            )
        for key in () if page_of(shown) == THEORY else ("checkpoint", "puzzle"):
            if key not in query_of(shown):
                raise self.wrong(line, f"this link has no “{key}=”; copy the whole link of the view.")
        return shown

    def points(self, text: str, line: int) -> tuple[str, ...]:
        """Read what to point at: controls, panels, `cells 3 4`, `loop 7`."""
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        for one in found:
            if not re.fullmatch(r"cells( [0-9]{1,4})+|loop [0-9]{1,4}|[a-z]+", one):
                raise self.wrong(
                    line,
                    f"{one[:30]!r} cannot be pointed at; there are {', '.join(CONTROLS)}, panels, cells 3 4, loop 7.",
                )
        return found

    def short(self, line: int, texts: list[str], what: str) -> None:
        """Refuse what is too long to be read beside a board."""
        words = len(" ".join(texts).split())
        if words > MOST_WORDS:
            raise self.wrong(line, f"{what} has {words} words; write at most {MOST_WORDS}, or make two steps of it.")

    def whole(self, text: str, line: int, low: int, high: int) -> int:
        """Read a whole number."""
        if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
            raise self.wrong(line, f"{text[:20]!r} is no whole number from {low} to {high}.")
        return int(text)


def read_lesson(text: str, name: str = "lesson.md") -> Lesson:
    """Read a lesson from the text of its file. Raises LessonError with one sentence for what is wrong first.

    >>> read_lesson("## A step")
    Traceback (most recent call last):
    looped.lessons.form.LessonError: lesson.md, line 1: a lesson begins with a line “---”, then title:, about: and \
minutes:, then “---”.
    """
    return Reader(name).lesson(text)


def read_file(file: Path) -> Lesson:
    """Read a lesson from its file. Raises LessonError."""
    if file.suffix != ".md" or not NAME.fullmatch(file.stem):
        raise LessonError(
            f"{file.name}: a lesson's file is named by small letters, digits and -, such as my-lesson.md."
        )
    if file.is_file() and file.stat().st_size > MOST_BYTES:
        raise LessonError(f"{file.name}: a lesson has at most {MOST_BYTES:,} bytes; make several of it.")
    try:
        return read_lesson(file.read_text("utf-8"), file.name)
    except OSError as error:
        raise LessonError(f"{file.name}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise LessonError(f"{file.name}: this is no text in UTF-8; save it so.") from error
