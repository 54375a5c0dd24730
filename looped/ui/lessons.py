"""The page of lessons: the list of them, the findings about the checkpoints, and the lenses for a notebook."""

from __future__ import annotations

import re
from html import escape

import streamlit as st

from looped.classes import quiz
from looped.lessons import Lesson, LessonError, find, names
from looped.lessons.answering import link_of
from looped.lessons.shelf import misnamed
from looped.places import resource
from looped.ui.state import engine

DOCS = resource("assets/docs")
WIDE = 960  # pixels: longer lines are hard to read


TEXTS = {
    "findings": "Findings",
    "lenses": "Lenses in a notebook",
    "experiments": "Experiments",
    "glossary": "Glossary",
}
"""Name of each document, as links have it behind `text=`, and its tab."""
LIST = "Lessons"
FOLDED = (
    ("The code, and what it prints", re.compile(r"```python\n.*?\n```(?=\n\n[^`])", re.DOTALL)),
    ("The answer", re.compile(r"\*\*What it means\.\*\*.*?(?=\n\*\*Look\.\*\*)", re.DOTALL)),
)
"""What of a finding is folded away, so that a reader can guess first, and under which words."""


def page() -> None:
    """Show the lessons and the documents, each in a tab; a link from one document to another opens its tab."""
    chosen = TEXTS.get(st.query_params.get("text", ""), LIST)
    first, *others = st.tabs([LIST, *TEXTS.values()], default=chosen)
    with first, st.container(width=WIDE):
        show_list()
    for tab, name in zip(others, TEXTS, strict=True):
        with tab, st.container(width=WIDE):
            text = linked((DOCS / f"{name}.md").read_text("utf-8"))
            if name == "findings":
                show_findings(text)
            else:
                st.markdown(text)


def show_list() -> None:
    """List the lessons, each with the link that begins it."""
    st.markdown(
        "Each lesson takes a few minutes and stands beside the running model: look, guess, and see what happens. "
        "Nothing is revealed before you have guessed."
    )
    st.markdown(f"Before a lesson, and after it: [{quiz_words()}](quiz), with your answers as CSV.")
    for name in names():
        try:
            lesson = find(name)
            st.html(entry(lesson, link_of(engine(), lesson.steps[0].view, name, 1)))
        except LessonError as error:
            st.warning(f"A lesson is left out. {error}")
        except ValueError as error:
            st.warning(f"{name}.md is left out, because its first view cannot be shown here. {error}")
    for file in misnamed():
        st.warning(f"{file} is left out: a lesson's file is named by small letters, digits and -, as my-lesson.md is.")


def quiz_words() -> str:
    """Return what the quiz is called where it is linked: what it is, then its title."""
    title = quiz.read().title
    return f"Quiz: {title[0].lower()}{title[1:]}"


def entry(lesson: Lesson, link: str) -> str:
    """Return a lesson as an entry of the list. The link is followed in the same tab."""
    questions = sum(step.question is not None for step in lesson.steps)
    paper = f'<a href="./lesson?name={escape(lesson.name)}&amp;paper={{}}" target="_blank">{{}}</a>'
    return (
        f'<p><a href=".{escape(link)}"><strong>{escape(lesson.title)}</strong></a><br>{escape(lesson.about)}'
        f"<br><small>{lesson.minutes} minutes, {questions} questions · "
        f"{paper.format('questions', 'on paper')} · {paper.format(1, 'with answers')}"
        "</small></p>"
    )


def show_findings(text: str) -> None:
    """Show the findings one below the other, with code and answers folded."""
    for part in folded(text):
        if isinstance(part, str):
            st.markdown(part)
        else:
            title, hidden = part
            with st.expander(title):
                st.markdown(hidden)


def folded(text: str) -> list[str | tuple[str, str]]:
    """Split a text into what is shown and what is folded away: title and content.

    >>> folded("Guess.\\n\\n**What it means.** It is so.\\n\\n**Look.** Here.")
    ['Guess.', ('The answer', '**What it means.** It is so.'), '**Look.** Here.']
    """
    found = sorted((match.start(), match.end(), title) for title, what in FOLDED for match in what.finditer(text))
    parts: list[str | tuple[str, str]] = []
    at = 0
    for begin, end, title in found:
        if shown := text[at:begin].strip():
            parts.append(shown)
        parts.append((title, text[begin:end].strip()))
        at = end
    if rest := text[at:].strip():
        parts.append(rest)
    return parts


def linked(text: str) -> str:
    """Return a document with its links to the others as links of the app.

    >>> linked("see [the lenses](lenses.md)")
    'see [the lenses](lessons?text=lenses)'
    """
    for name in TEXTS:
        text = text.replace(f"]({name}.md)", f"](lessons?text={name})")
    return text
