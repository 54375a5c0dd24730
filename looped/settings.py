"""All settings, each from an environment variable: what may be set, what it is otherwise, what a wrong one is told.

`assets/docs/running.md` has them in a table, with those of Streamlit that matter beside them. Nothing else in the
library looks at the environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

YES, NO = ("1", "on", "true", "yes"), ("", "0", "off", "false", "no")
SITE = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?")


def read_folder(text: str) -> Path:
    """Read the name of a folder that is there."""
    if not os.path.isdir(text):
        raise ValueError("is no folder")
    return Path(text)


def read_switch(text: str) -> bool:
    """Read whether something is on."""
    if text.lower() not in YES + NO:
        raise ValueError("is neither on nor off")
    return text.lower() in YES


def read_device(text: str) -> str:
    """Read what models run on."""
    if not re.fullmatch(r"auto|cpu|cuda(:[0-9]{1,2})?", text):
        raise ValueError("is none of auto, cpu, cuda and cuda:0")
    return text


def read_sites(text: str) -> tuple[str, ...]:
    """Read addresses of sites, apart by spaces.

    >>> read_sites("https://moodle.example https://*.school.example")
    ('https://moodle.example', 'https://*.school.example')
    """
    sites = tuple(text.split())
    if not all(SITE.fullmatch(site) for site in sites):
        raise ValueError("is no list of sites such as https://moodle.example, apart by spaces")
    return sites


def read_address(text: str) -> str:
    """Read the address of a server.

    >>> read_address("http://127.0.0.1:8000/")
    'http://127.0.0.1:8000'
    """
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9/_.-]*)?", text):
        raise ValueError("is no address such as http://127.0.0.1:8000")
    return text.rstrip("/")


def within(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number of these bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"is no whole number from {least:,} to {most:,}")
        return int(text)

    return read


class Of(NamedTuple):
    """Where a setting comes from: its variable, how that is read, and what it sets, in words."""

    variable: str
    read: Callable[[str], Any]
    says: str


@dataclass(frozen=True)
class Settings:
    """What can be set. The sentences are those of the table in the documents."""

    checkpoints: Annotated[
        Path | None,
        Of("LOOPSCOPE_CHECKPOINTS", read_folder, "the folder whose checkpoints are known by name and served"),
    ] = None
    device: Annotated[str, Of("LOOPSCOPE_DEVICE", read_device, "what models run on: auto, cpu, cuda or cuda:1")] = (
        "auto"
    )
    serve: Annotated[
        str,
        Of("LOOPSCOPE_SERVE", read_address, "the address of `python -m looped serve`, whose replicas then compute"),
    ] = ""
    cache_mb: Annotated[
        int, Of("LOOPSCOPE_CACHE_MB", within(0, 1_000_000), "MB of results that are kept; none is computed twice")
    ] = 96
    loops: Annotated[int, Of("LOOPSCOPE_LOOPS", within(1, 1024), "the most loops that a visitor may ask for")] = 256
    questions: Annotated[
        int,
        Of("LOOPSCOPE_QUESTIONS", within(1, 1000), "long questions under way at once, in units of some 50 MB"),
    ] = 4
    exports: Annotated[
        int, Of("LOOPSCOPE_EXPORTS", within(1, 100), "exports under way at once, each in a process of its own")
    ] = 2
    embed: Annotated[
        tuple[str, ...],
        Of("LOOPSCOPE_EMBED", read_sites, "sites, apart by spaces, whose pages may show the app in a frame"),
    ] = ()
    upload_mb: Annotated[
        int,
        Of("LOOPSCOPE_UPLOAD_MB", within(0, 256), "MB of a checkpoint that a visitor may add to that folder; 0: none"),
    ] = 0
    status: Annotated[
        bool, Of("LOOPSCOPE_STATUS", read_switch, "whether /status and /metrics tell how busy the server is")
    ] = False
    lessons: Annotated[
        Path | None,
        Of("LOOPSCOPE_LESSONS", read_folder, "a folder of lessons of one's own, listed with those shipped"),
    ] = None
    classes: Annotated[
        int,
        Of("LOOPSCOPE_CLASSES", within(0, 1000), "classes together at once, half of them from one address; 0: none"),
    ] = 20
    class_students: Annotated[
        int, Of("LOOPSCOPE_CLASS_STUDENTS", within(1, 2000), "students in one class together")
    ] = 100
    class_kb: Annotated[int, Of("LOOPSCOPE_CLASS_KB", within(1, 1024), "KB that one message of a class may have")] = 16
    class_rate: Annotated[
        int, Of("LOOPSCOPE_CLASS_RATE", within(1, 1000), "messages a second that one page of a class may send")
    ] = 10
    cache: Annotated[
        Path | None,
        Of("XDG_CACHE_HOME", Path, "the folder for fitted probes, which stand in `loopscope` there; else ~/.cache"),
    ] = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Read all settings; an empty variable is as none. Raises ValueError with one sentence about a wrong one.

        >>> Settings.read({"LOOPSCOPE_LOOPS": "64"}).loops
        64
        """
        found = {}
        for name, (variable, read, _) in declared().items():
            text = environment.get(variable, "")
            if text:
                try:
                    found[name] = read(text)
                except ValueError as error:
                    raise ValueError(f"{variable} is {text[:60]!r}, which {error}.") from error
        return cls(**found)


def declared() -> dict[str, Of]:
    """Return where every setting comes from, by the names of the fields."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: next(part for part in hint.__metadata__ if isinstance(part, Of)) for name, hint in hints.items()}


@cache
def settings() -> Settings:
    """Return the settings of this process, read once; where one is wrong, those of an empty environment.

    A wrong one is told where a program starts (`check`): this is asked while modules are imported.
    """
    try:
        return Settings.read(os.environ)
    except ValueError:
        return Settings()


def check() -> None:
    """Raise ValueError with one sentence where a variable of the environment is wrong."""
    known = Settings.read(os.environ)
    if known.upload_mb and known.checkpoints is None:
        raise ValueError("LOOPSCOPE_UPLOAD_MB needs a folder to add to; name one in LOOPSCOPE_CHECKPOINTS.")


def table() -> str:
    """Return the table of all settings, as it stands in the documents."""
    words: dict[object, str] = {None: "–", "": "–", (): "none"}
    rows = ["| variable | without it | what it sets |", "|---|---|---|"]
    for name, (variable, _, says) in declared().items():
        default = getattr(Settings, name)
        said = "off" if default is False else words.get(default, str(default))
        rows.append(f"| `{variable}` | {said} | {says} |")
    return "\n".join(rows)
