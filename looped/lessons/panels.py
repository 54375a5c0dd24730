"""What the browser's pages can show: their panels and what a board shows, read from the modules that draw them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from looped import tasks
from looped.lessons.form import CONTROLS, MACHINE_CONTROLS, THEORY
from looped.places import resource

REGISTRY = re.compile(r'^import \w+ from "\./(\w+)\.js";$', re.MULTILINE)  # of the panels, one a module
SAYS = re.compile(r'^  (page|title|needs|question): "([^"]*)",$', re.MULTILINE)
MODES = re.compile(r"^  modes: \[\n(.*?)^  \],", re.DOTALL | re.MULTILINE)
MODE = re.compile(r'^    \[(?:"(\w+)"|([A-Z]+)),', re.MULTILINE)
SHOWS = re.compile(r"^(?:  static shows|export const SHOWS) = \[\n(.*?)^ *\];", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(r'^ *\["(\w+)", "([^"]+)"\],', re.MULTILINE)
FIRST = re.compile(r"^  static panels = \[(.*?)\];", re.DOTALL | re.MULTILINE)


class Panel(NamedTuple):
    """A panel as its module describes it."""

    title: str
    page: str  # the only page that has it; "" of one that all have
    needs: str  # the array without which there is nothing to draw
    modes: tuple[str, ...]
    question: str = ""  # as a person would ask it


def source(name: str) -> str:
    """Return a module of the browser."""
    return resource(f"assets/microscope/{name}.js").read_text("utf-8")


@cache
def panels(folder: str) -> dict[str, Panel]:
    """Return the panels of the pages with a microscope (`panels`) or of the page Theory (`theory`), in their order."""
    found = {}
    for name in REGISTRY.findall(source(f"{folder}/registry")):
        text = source(f"{folder}/{name}")
        said, modes = dict(SAYS.findall(text)), MODES.search(text)
        constants = dict(re.findall(r'^const ([A-Z]+) = "(\w+)";', text, re.MULTILINE))
        words = tuple(word or constants[constant] for word, constant in MODE.findall(modes[1] if modes else ""))
        found[name] = Panel(
            said.get("title", name), said.get("page", ""), said.get("needs", ""), words, said.get("question", "")
        )
    return found


def panels_of(page: str) -> dict[str, Panel]:
    """Return the panels of a page by its slug.

    >>> "order" in panels_of("sudoku"), "order" in panels_of("paths"), "elevator" in panels_of("theory")
    (True, False, True)
    """
    if page == THEORY:
        return panels("theory") | {"counts": Panel("Counts", "", "", ())}  # which is no figure
    return {name: panel for name, panel in panels("panels").items() if panel.page in ("", page)}


@cache
def paths() -> dict[str, str]:
    """Return the pages with a microscope by their slugs, and how the links of each begin; the first page is first.

    >>> list(paths().items())[:2]
    [('sudoku', '/'), ('in-context', '/in-context')]
    """
    home = tasks.get(tasks.HOME).page.slug
    others = {tasks.get(name).page.slug for name in tasks.makers()} - {home}
    return {home: "/", **{slug: f"/{slug}" for slug in sorted(others)}}


def _module(page: str) -> str:
    """Return the module of a page."""
    return source(f"pages/{page.replace('-', '')}")


def shows_of(page: str) -> dict[str, str]:
    """Return what the board of a page can show, and how its list calls that.

    >>> list(shows_of("in-context"))
    ['answer', 'attention', 'solution', 'versus']
    """
    found = SHOWS.search(_module(page)) or SHOWS.search(source("pages/board"))
    return {name: re.sub(r"[{}]", "", said) for name, said in SHOWN.findall(found[1] if found else "")}


def first_panels(page: str) -> tuple[str, ...]:
    """Return the panels that a page shows where a link names none."""
    if page == THEORY:
        return tuple(panels_of(page))
    found = FIRST.search(_module(page))
    return tuple(re.findall(r'"(\w+)"', found[1] if found else ""))


def titled(panel: Panel) -> str:
    """Return the title of a panel without the words of a task.

    >>> titled(panels("panels")["whole"])
    'Readout of the input'
    """
    return re.sub(r"[{}]", "", panel.title)


def plain(panel: Panel) -> str:
    """Return the title of a panel and the question that it answers, without the words of a task."""
    return re.sub(r"[{}]", "", f"{panel.title}. {panel.question}".strip(" ."))


def pointed_names() -> set[str]:
    """Return everything with a name that can be pointed at on some page."""
    return {*CONTROLS, *MACHINE_CONTROLS, *panels("panels"), *panels_of(THEORY)}


def listing() -> dict[str, dict[str, tuple[str, list[str]]]]:
    """Return panels and what a board shows by their names: what each is, and on which pages, as links begin."""
    pages = [*paths().values(), f"/{THEORY}"]
    found: dict[str, dict[str, tuple[str, list[str]]]] = {"panels": {}, "show": {}}
    for page, link in zip([*paths(), THEORY], pages, strict=True):
        named = {name: plain(panel) for name, panel in panels_of(page).items()}
        for kind, words in (("panels", named), ("show", shows_of(page) if page != THEORY else {})):
            for name, said in words.items():
                what, links = found[kind].setdefault(name, (said, []))
                links.append(link)
                if said not in what:
                    found[kind][name] = (f"{what}; {said}", links)
    return found
