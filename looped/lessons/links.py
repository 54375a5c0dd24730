"""What of a view's link its page would not take and would say so above the view: checked before anybody sees it.

What a link asks of the server is resolved as the pages do it (`looped.lessons.runs`). What the browser reads of it
(`assets/microscope/core/links.js`, `pages/address.js`, `pages/theory.js`) is checked here, and a test asks both.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from looped.experiments.rates import RATES
from looped.lessons.form import THEORY, page_of, query_of
from looped.lessons.machines import Machine
from looped.lessons.measures import AnyRun, Run
from looped.lessons.names import nearest
from looped.lessons.panels import Panel, panels_of, paths, shows_of
from looped.serving.request import LINK_VERSION
from looped.theory.lab import PARTS

RUN = ("v", "puzzle", "entered", "checkpoint", "versus", "loops")
MARKS = ("corner", "centre")  # pencil marks of a board
LESSON = ("lesson", "step")  # of a link that was copied within a lesson; others take their place
NEEDED = ("v", "checkpoint", "puzzle")  # of a view with a microscope


class Has(NamedTuple):
    """What a view has, for its link to name: by the options of the link."""

    known: tuple[str, ...]  # options of which the server takes care
    whole: dict[str, int]  # a whole number from 0, and the highest
    words: dict[str, tuple[str, ...]]  # a word
    lists: dict[str, tuple[str, ...]]  # words, apart by commas
    padding: frozenset[int] = frozenset()  # positions that no page draws


def wrong_form(view: str) -> str | None:
    """Return what is wrong with a link in itself, in a sentence; None where nothing is.

    >>> wrong_form("/?v=1&checkpoint=a&puzzle=b"), wrong_form("/?checkpoint=a&puzzle=b")
    (None, 'this link has no “v=”; copy the whole link of the view.')
    """
    query, page = query_of(view), page_of(view)
    if "checkpoint" not in query and page not in ("", THEORY, *paths()):
        return (
            f"the page /{page[:40]} shows no view of a run; lessons stand on {', '.join(paths().values())}, /{THEORY}."
        )
    for key in () if page == THEORY else NEEDED:
        if key not in query:
            return f"this link has no “{key}=”; copy the whole link of the view."
    if query.get("v", LINK_VERSION) != LINK_VERSION:
        return f"this link has “v={query['v'][:20]}”, of another version; links of this one have “v={LINK_VERSION}”."
    many = Counter(name for name, _ in parse_qsl(urlsplit(view).query, keep_blank_values=True))
    twice = next((name for name, count in many.items() if count > 1), None)
    return f"“{twice[:20]}=” stands twice in this link; leave one out." if twice is not None else None


def had(runs: list[AnyRun], page: str) -> Has:
    """Return what the view of these runs has on the page of this slug."""
    loops = max(run.loops for run in runs)
    first, names = runs[0], tuple(panels_of(page))
    if isinstance(first, Machine):
        words: dict[str, tuple[str, ...]] = {
            "zoom": ("1",),
            "present": names,
            "rate": tuple(RATES),
            "over": ("loops",),
        }
        most = {"loop": loops, "delta": len(first.shown.arrays["deltas"]) - 1}
        return Has(("v", *PARTS, *LESSON), most, words, {"panels": names})
    drawn = {position for row in first.task.layout(first.tokens).rows for position in row}
    shows = tuple(name for name in shows_of(page) if name != "versus" or len(runs) > 1)
    modes = tuple(f"{name}-{mode}" for name, panel in panels_of(page).items() for mode in panel.modes)
    lists = {"panels": names, "modes": modes}
    if "methods" in first.facts:
        lists["lines"] = tuple(method["name"] for method in first.facts["methods"])
    marks = MARKS if "puzzle_unique" in first.facts else ()
    return Has(
        (*RUN, *marks, *LESSON),
        {"loop": loops, "cell": first.places - 1, "head": first.packed["meta"]["heads"] - 1},
        {"show": shows, "present": ("board", *names), "hide": ("0", "1")},
        lists,
        frozenset(range(first.places)) - drawn,
    )


def wrong_look(view: str, has: Has) -> str | None:
    """Return what a link asks for that its view does not have, in a sentence; None where it has everything."""
    query = query_of(view)
    options = (*has.known, *has.whole, *has.words, *has.lists, "range")
    for name, text in query.items():
        if name not in options:
            return f"a link has no option {name[:20]!r}; {nearest(name, options)}"
        said = _wrong_value(name, text, has)
        if said is not None:
            return said
    return None


def _wrong_value(name: str, text: str, has: Has) -> str | None:
    """Return what is wrong with one option."""
    if name in has.whole:
        return _wrong_number(name, text, has)
    if name == "range":
        found = re.fullmatch(r"([0-9]{1,4})-([0-9]{1,4})", text)
        fits = found is not None and int(found[1]) < int(found[2]) <= has.whole["loop"]
        said = f"“range={text[:12]}” is no range of this view; write two loops, such as range=1-{has.whole['loop']}."
        return None if fits else said
    known = has.words.get(name) or has.lists.get(name)
    if known is None:
        return None
    asked = [word for word in text.split(",") if word] if name in has.lists else [text]
    strange = next((word for word in asked if word not in known), None)
    return None if strange is None else f"“{name}={strange[:20]}” is not in this view; {nearest(strange, known)}"


def _wrong_number(name: str, text: str, has: Has) -> str | None:
    most = has.whole[name]
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) > most:
        there = f"there are 0 to {most}" if most >= 0 else "it has none"
        return f"“{name}={text[:12]}” is not in this view; {there}."
    if name == "cell" and int(text) in has.padding:
        return f"“cell={text[:12]}” is padding, which no page draws; name another."
    return None


def empty_panel(name: str, panel: Panel, runs: list[AnyRun]) -> bool:
    """Return whether a panel has nothing to draw of these runs and no reason to tell: its page leaves it out."""
    models = [run for run in runs if isinstance(run, Run)]
    if not panel.needs or not models:
        return False
    return not any(panel.needs in {*run.packed["arrays"], *run.packed["meta"]["missing"]} for run in models)
