"""The log of a run as a CSV file: one row a measurement."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from looped.catalogue.schema import HELD_OUT
from looped.places import whole


def write_log(file: Path, log: list[dict[str, Any]]) -> None:
    """Write step, seconds, running loss, share of asked positions right, and held-out inputs right by loops."""
    rows = []
    for row in log:
        plain = {key: value for key, value in row.items() if key != "held_out"}
        rows.append(plain | {f"{HELD_OUT}{loops}": share for loops, share in row["held_out"].items()})
    # A later stage may be measured after more loops than an earlier one.
    columns = list(dict.fromkeys(key for row in rows for key in row)) or ["step"]
    with whole(file) as part, part.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=columns)
        writer.writeheader()
        writer.writerows(rows)


def read_log(file: Path) -> list[dict[str, Any]]:
    """Return what `write_log` wrote; nothing where there is no such file."""
    if not file.exists():
        return []
    log = []
    with file.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            given = {key: json.loads(value) for key, value in row.items() if value}
            shares = {key: given.pop(key) for key in row if key.startswith(HELD_OUT) and key in given}
            log.append(given | {"held_out": {key.removeprefix(HELD_OUT): share for key, share in shares.items()}})
    return log
