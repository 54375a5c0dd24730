"""`python -m looped lesson`: the numbers of a lesson, or one line that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from looped.places import resource
from tests.cli.commands import Run

LESSON = """---
title: T
about: A
minutes: 3
---
## Look
view: /?v=1&checkpoint=sudoku4-tmlt&puzzle=4.3..342......2.&loops=8

Right after loop {first right}.
"""


def test_the_numbers_of_a_lesson_are_printed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.md"
    file.write_text(LESSON, "utf-8")
    done = run("lesson", file, "--checkpoints", resource("checkpoints"))
    assert done.status == 0, done.err
    assert "T: 1 step, 0 questions, 3 minutes." in done.out
    assert "step 1, line 9: first right = 3" in done.out
    assert "warning, line 4: no step asks anything" in done.out


def test_a_mistake_is_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.md"
    file.write_text(LESSON.replace("first right", "first wrong"), "utf-8")
    done = run("lesson", file, "--checkpoints", resource("checkpoints"))
    assert done.status == 2
    assert done.err.startswith("looped: mine.md, line 9: 'first wrong' cannot be measured")
    assert done.err.count("\n") == 1
    assert run("lesson", "nobody").err == ("looped: There is no lesson called 'nobody'; the page Lessons lists them.\n")


def test_the_names_of_links_are_printed(run: Run) -> None:
    done = run("lesson", "--names")
    assert done.status == 0, done.err
    assert "panels=\n  attention    Attention (/, /in-context, /paths, /sequences)" in done.out
    assert "  elevator     The elevator (/theory)" in done.out
    assert "show=\n  answer       Answer; Prediction (/, " in done.out
    assert run("lesson").err == "looped: lesson needs a file to check, or --names.\n"


def test_a_lesson_is_written_on_paper_with_or_without_its_answers(run: Run, tmp_path: Path) -> None:
    file, out = tmp_path / "mine.md", tmp_path / "mine.html"
    file.write_text(LESSON, "utf-8")
    for more, answers in (((), True), (("--questions-only",), False)):
        done = run("lesson", file, "--checkpoints", resource("checkpoints"), "--handout", out, *more)
        assert done.status == 0, done.err
        text = out.read_text("utf-8")
        assert "Right after loop 3." in text
        assert ("<h1>Answers</h1>" in text) is answers
