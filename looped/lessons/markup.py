"""What in a lesson's sentences is shown as it is written, though its author may have meant more.

Markdown there is `*emphasis*`, `**strong**` and `` `code` `` alone (the browser's `pages/lessontext.js`). What else
there is of it does no harm, so it is no mistake but worth a warning.
"""

from __future__ import annotations

import re

MARKED = re.compile(r"\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`")  # as `SPLIT` of lessontext.js
FOUND: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(?:[0-9]{1,3}[.)]|[*+•]) "), "a list is shown as one paragraph; write sentences"),
    (re.compile(r"^(?:> |```|\||-{3,}$)"), "quotations, tables, blocks and rules are shown as they are written"),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), "a picture is shown as it is written; a step has a view instead"),
    (re.compile(r"\[[^\]]+\]\([^)]*\)"), "a link is shown as it is written; a step has a view instead"),
    (re.compile(r"</?[A-Za-z][^<>]*>|&[a-z]+;"), "HTML is shown as it is written; leave it out"),
)
UNCLOSED = re.compile(r"`|\*\*|(?<![\w*])\*(?=\w)|(?<=\w)\*(?![\w*])")
QUOTES = "\"'“”"


def line_warning(text: str) -> str | None:
    """Return what of a line of a paragraph is shown as it is written; None where nothing is.

    >>> line_warning("See [here](https://x.example).")
    'a link is shown as it is written; a step has a view instead'
    >>> line_warning("A *small* board: 2 * 3 cells.")
    """
    return next((said for pattern, said in FOUND if pattern.search(text)), None)


def paragraph_warning(text: str) -> str | None:
    """Return which mark of a whole paragraph has no partner; None where each has one.

    >>> paragraph_warning("An *easy entry and `code`.")
    'a “*” has no partner and is shown as it is written'
    >>> paragraph_warning("An *easy* entry, 2 * 3 * 4 and 2*3.")
    """
    found = UNCLOSED.search(MARKED.sub("", text))
    return f"a “{found[0]}” has no partner and is shown as it is written" if found else None


def plain_warning(text: str, what: str) -> str | None:
    """Return what is shown as it is written where even emphasis is: in titles and answers; None where nothing is.

    >>> plain_warning("A *small* board", "a title")
    'Markdown in a title is shown as it is written'
    """
    return f"Markdown in {what} is shown as it is written" if MARKED.search(text) else None


def quoted(text: str) -> bool:
    """Return whether a text of the front matter begins or ends with a quotation mark, which is shown.

    >>> quoted('"A small board"'), quoted("Is it “right”?")
    (True, False)
    """
    return bool(text) and (text[0] in QUOTES or text[-1] in QUOTES[:2])
