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

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from looped.lessons.form import (
    CONTROLS,
    HOLE,
    KINDS,
    NEVER,
    RESULTS,
    REVEALED,
    Kind,
    Lesson,
    LessonError,
    Option,
    Question,
    Step,
)
from looped.lessons.links import wrong_form
from looped.lessons.markup import line_warning, paragraph_warning, plain_warning, quoted
from looped.lessons.measures import wrong_name
from looped.lessons.names import nearest
from looped.lessons.panels import pointed_names

FRONT = ("title", "about", "minutes")
SETTINGS = ("view", "point", "ask", "measure", "then", "near")
MOST_WORDS = 60  # of a step before its guess, and of what is revealed
MOST_BYTES = 200_000
STEPS_A_MINUTE = 2  # more are not read and answered
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # characters that no text has
HEADING = re.compile(r"(#+)(.?)")
SECTIONS = {"then": "then", **{f"if {result}": result for result in RESULTS}}
RESULT_OF = ("number", "loop", "curve")  # kinds of questions whose guess can be too low, and near
ARE = {"choice": "a choice is", "cells": "cells are"}
BOUNDS = re.compile(r"from ([0-9]{1,6}(?:\.[0-9]{1,6})?) to ([0-9]{1,6}(?:\.[0-9]{1,6})?)")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
RANGE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(?: (?:to (-?[0-9]+(?:\.[0-9]+)?)|(or more)))?")
Numbered = tuple[int, str]  # a line, with its number from 1


@dataclass
class Part:
    """Lines that belong together: of a step, or of one of its sections."""

    title: str
    line: int
    lines: list[Numbered] = field(default_factory=list)


def hole_lines(lines: list[Numbered], part: str) -> dict[str, int]:
    """Return where the measured numbers of some lines stand first, by their names in braces, with `part` before them.

    >>> hole_lines([(7, "After {first right}, {wrong"), (8, "after 3} are left.")], "")
    {'{first right}': 7, '{wrong after 3}': 7}
    """
    text, first = "\n".join(text for _, text in lines), lines[0][0] if lines else 0
    found: dict[str, int] = {}
    for hole in HOLE.finditer(text):
        found.setdefault(f"{part}{' '.join(hole[0].split())}", first + text[: hole.start()].count("\n"))
    return found


class Reader:
    """Reads one file; `wrong` makes the error about a line of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.warnings: list[tuple[int, str]] = []  # line and words

    def wrong(self, line: int, said: str) -> LessonError:
        """Return what is said of a line."""
        return LessonError(f"{self.name}, line {line}: {said}")

    def warn(self, line: int, said: str | None) -> None:
        """Keep what may have been meant in another way; None: nothing."""
        if said is not None:
            self.warnings.append((line, said))

    def lesson(self, text: str) -> Lesson:
        """Read a whole lesson."""
        lines = list(enumerate(text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n"), 1))
        for number, line in lines:
            if found := CONTROL.search(line):
                raise self.wrong(number, f"there is a character {found[0]!r} that no text has; delete it.")
        front, rest = self.front(lines)
        self.headings(rest)
        parts = list(self.parts(rest, "## "))
        if not parts:
            raise self.wrong(lines[-1][0], "there is no step; begin one with a line such as “## Press play”.")
        minutes = self.whole(front["minutes"], self.lines["minutes"], 1, 60)
        lines_of = dict(self.lines)
        steps = tuple(self.step(part) for part in parts)
        for key in ("title", "about"):
            if quoted(front[key]):
                self.warn(lines_of[key], f"the quotation marks of “{key}:” are shown; leave them out")
        self.whole_lesson(steps, minutes, lines_of["minutes"])
        warnings = tuple(f"line {line}: {said}." for line, said in sorted(self.warnings))
        return Lesson(Path(self.name).stem, front["title"], front["about"], minutes, steps, warnings)

    def headings(self, lines: list[Numbered]) -> None:
        """Refuse headings that are none here, and such that lack a blank."""
        for number, text in lines:
            found = HEADING.match(text)
            if found is None or (len(found[1]) == 1 and found[2] != " "):
                continue
            if len(found[1]) not in (2, 3):
                raise self.wrong(
                    number, f"{text.strip()[:40]!r} is no heading here; “## …” begins a step, “### …” what is revealed."
                )
            if not found[2]:
                raise self.wrong(number, f"this heading has no words; write “{found[1]} What it is about”.")
            if found[2].strip():
                raise self.wrong(number, f"write a blank behind {found[1]}: “{found[1]} {text[len(found[1]) :][:40]}”.")

    def whole_lesson(self, steps: tuple[Step, ...], minutes: int, line: int) -> None:
        """Warn of what a class would find strange about a lesson as a whole."""
        titles: dict[str, int] = {}
        for step in steps:
            if step.title in titles:
                self.warn(step.line, f"the step in line {titles[step.title]} has the same title; write another")
            titles.setdefault(step.title, step.line)
        if not any(step.question for step in steps):
            self.warn(line, "no step asks anything; a lesson lets its reader guess (“ask:”)")
        if len(steps) > STEPS_A_MINUTE * minutes:
            said = f"{len(steps)} steps in {minutes} minute{'s' * (minutes != 1)}"
            self.warn(line, f"{said} are more than can be read; write more minutes, or make two lessons")

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
                raise self.wrong(number, self.no_setting(text.strip(), key if colon else "", known, where))
            if key in found:
                raise self.wrong(number, f"“{key}:” stands here twice; leave one out.")
            if not value.strip():
                raise self.wrong(number, f"“{key}:” says nothing; write something behind it or leave the line out.")
            found[key], self.lines[key] = value.strip(), number
        return found

    def no_setting(self, text: str, key: str, known: tuple[str, ...], where: str) -> str:
        """Return what is said of a line that is no setting: a mistyped one, or text with no empty line before it."""
        said = f"{text[:40]!r} is no setting of the {where}"
        near = nearest(key, known)
        if near.startswith("did"):
            return f"{said}; {near}"
        if where == "step" and (not key or " " in key):
            return f"{said}; leave a line empty between the settings and the text."
        return f"{said}; it has {', '.join(known)}."

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
        lines = self.lines | hole_lines(own, "") | hole_lines(part.lines[begin:], REVEALED)
        if "view" not in settings:
            raise self.wrong(part.line, "this step has no view; write “view:” and the link that Copy link gives.")
        asks = settings.get("ask", KINDS[-1]).split()[0]
        text, options = self.body(own[end:], asks == "choice" or asks not in KINDS)
        self.warn(part.line, plain_warning(part.title, "a title"))
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

    def body(self, lines: list[Numbered], choice: bool) -> tuple[tuple[str, ...], tuple[Option, ...]]:
        """Read paragraphs, and answers to choose from where there is a choice."""
        paragraphs: list[str] = []
        begins: list[int] = []
        options: list[Option] = []
        fresh = True
        for number, text in lines:
            if text.startswith("- ") and not choice:
                raise self.wrong(
                    number, "there are no lists here; write sentences. Answers to choose from need “ask: choice”."
                )
            self.warn(number, line_warning(text))
            if text.startswith("- "):
                options.append(self.option(number, text[2:].strip()))
            elif text.strip() and fresh:
                paragraphs.append(text.strip())
                begins.append(number)
            elif text.strip():
                paragraphs[-1] += " " + text.strip()
            fresh = not text.strip() or text.startswith("- ")
        for number, text in zip(begins, paragraphs, strict=True):
            self.warn(number, paragraph_warning(text))
        return tuple(paragraphs), tuple(options)

    def option(self, line: int, text: str) -> Option:
        """Read an answer to choose from: for which numbers it is right, and its words."""
        values, colon, words = text.partition(":")
        found = RANGE.fullmatch(values.strip())
        if not colon or not words.strip() or (found is None and values.strip() != NEVER):
            raise self.wrong(
                line, "an answer is written “- 1 to 4: its words”, “- 5 or more: its words” or “- never: its words”."
            )
        self.warn(line, plain_warning(words, "an answer"))
        if found is None:
            return Option(words.strip(), None, None, line)
        low = float(found[1])
        high = float("inf") if found[3] else float(found[2] or found[1])
        if low > high:
            raise self.wrong(line, f"no number is {values.strip()}; write the smaller one first: {high:g} to {low:g}.")
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
        unknown = wrong_name(settings["measure"], kind)
        if unknown:
            raise self.wrong(lines["measure"], unknown)
        if "near" in settings and kind not in RESULT_OF:
            raise self.wrong(lines["near"], f"{ARE[kind]} right or wrong, never near; leave “near:” out.")
        near = self.near(kind, settings.get("near", "0"), lines.get("near", 0))
        if low < high <= low + near:
            self.warn(lines["near"], f"every guess from {low} to {high} is right; take a smaller “near:”")
        return Question(
            kind,
            settings["measure"],
            self.view(settings["then"], lines["then"]),
            low,
            high,
            near,
            options,
            *self.reveal(part, kind, sections),
            lines["ask"],
        )

    def asked(self, text: str, line: int) -> tuple[Kind, float, float]:
        """Read what kind of question it is, and its bounds."""
        words = text.split()
        kind = next((one for one in KINDS if words[0] == one), None)
        if kind is None:
            raise self.wrong(line, f"there is no question {words[0][:20]!r}; {nearest(words[0], KINDS)}")
        if kind in ("choice", "cells"):
            if len(words) > 1:
                raise self.wrong(line, f"“ask: {kind}” stands alone; take {' '.join(words[1:])[:30]!r} away.")
            return kind, 0, 0
        found = BOUNDS.fullmatch(" ".join(words[1:]))
        if found is None:
            raise self.wrong(line, f"say between which bounds: “ask: {kind} from 1 to 16”.")
        low, high = read_number(found[1]), read_number(found[2])
        if low >= high:
            smaller = f"“from {high:g} to {low:g}”" if low > high else "two different ones"
            raise self.wrong(line, f"the first bound must be smaller than the second; write {smaller}.")
        if kind != "number" and not (float(low).is_integer() and float(high).is_integer()):
            raise self.wrong(line, f"the bounds of a {kind} are whole numbers; only a number may have others.")
        return kind, low, high

    def near(self, kind: Kind, text: str, line: int) -> float:
        """Read by how much a guess may be off."""
        if kind == "loop":
            return self.whole(text, line, 0, 1000)
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) or float(text) > 1000:
            raise self.wrong(line, f"{text[:20]!r} is no number from 0 to 1000.")
        return read_number(text)

    def reveal(self, part: Part, kind: Kind, sections: list[Part]) -> tuple[tuple[str, ...], dict[str, str]]:
        """Read what is revealed: paragraphs for everybody, and one for each result."""
        after: tuple[str, ...] = ()
        says: dict[str, str] = {}
        seen: dict[str, int] = {}
        for section in sections:
            name = SECTIONS.get(section.title.lower())
            if name is None:
                known = nearest(section.title.capitalize(), [one.capitalize() for one in SECTIONS])
                raise self.wrong(section.line, f"there is no part “### {section.title[:30]}”; {known}")
            if section.title.lower() in seen:
                said = f"“### {section.title}” stands here twice, first in line {seen[section.title.lower()]}"
                raise self.wrong(section.line, f"{said}; make one of both.")
            seen[section.title.lower()] = section.line
            if name in ("too low", "too high") and kind not in RESULT_OF:
                raise self.wrong(section.line, f"{ARE[kind]} never {name}; write “### If wrong”.")
            paragraphs, _ = self.body(section.lines, False)
            if not paragraphs:
                raise self.wrong(section.line, "nothing stands below this heading; write sentences, or leave it out.")
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
            blank = " A link has no blanks." if re.search(r"\s", text) else ""
            raise self.wrong(
                line, f"{text[:40]!r} is no link of a view; write what Copy link gives, “/?v=1&checkpoint=…”.{blank}"
            )
        unfit = wrong_form(shown)
        if unfit is not None:
            raise self.wrong(line, unfit)
        return shown

    def points(self, text: str, line: int) -> tuple[str, ...]:
        """Read what to point at: controls, panels, `cells 3 4`, `loop 7`."""
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        for one in found:
            if re.fullmatch(r"cells( [0-9]{1,4})+|loop [0-9]{1,4}|[a-z]+", one):
                continue
            words = one.split()
            if len(words) > 1 and pointed_names().issuperset(words):
                raise self.wrong(line, f"write commas between: “{', '.join(words)}”.")
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


def read_number(text: str) -> float:
    """Return a number as it is shown: whole where it is.

    >>> read_number("2"), read_number("2.0"), read_number("2.5")
    (2, 2, 2.5)
    """
    return int(float(text)) if float(text).is_integer() else float(text)


def read_file(file: Path) -> Lesson:
    """Read a lesson from its file. Raises LessonError."""
    if file.suffix != ".md" or not NAME.fullmatch(file.stem):
        raise LessonError(
            f"{file.name}: a lesson's file is named by small letters, digits and -, such as my-lesson.md."
        )
    if file.is_file() and file.stat().st_size > MOST_BYTES:
        raise LessonError(f"{file.name}: a lesson has at most {MOST_BYTES:,} bytes; make several of it.")
    try:
        found = file.read_bytes()
    except OSError as error:
        raise LessonError(f"{file.name}: {error.strerror or error}.") from error
    return read_lesson(decoded(found, file.name), file.name)


def decoded(found: bytes, name: str) -> str:
    """Return the text of a file. Raises LessonError with the line that is no text in UTF-8.

    >>> decoded("a\\nschön".encode("latin-1"), "my.md")
    Traceback (most recent call last):
    looped.lessons.form.LessonError: my.md, line 2: 'sch' goes on with what is no text in UTF-8; save the file in UTF-8.
    """
    if found.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise LessonError(f"{name}, line 1: this is text in UTF-16; save the file in UTF-8.")
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        before = found[: error.start].decode("utf-8")
        line = before.rpartition("\n")[2][-20:]
        raise LessonError(
            f"{name}, line {before.count(chr(10)) + 1}: {line!r} goes on with what is no text in UTF-8; "
            "save the file in UTF-8."
        ) from error
