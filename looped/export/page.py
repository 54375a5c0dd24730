"""One run as one HTML file: it steps, plays, selects and shows every panel without a server.

The file holds the browser's modules joined to one, the style sheet, and the message that the app would send, in base64.
It loads nothing from anywhere.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from looped.export.bundle import ASSETS, joined, read

RUN = '{"run": null}'  # stands in the template where the run goes
START = """
const saved = JSON.parse(document.getElementById("loopscope-run").textContent);
document.title = saved.title;
<entry>.show(document.getElementById("loopscope"), saved.data, saved);
"""
STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; padding: 0.5rem 1.2rem; background: light-dark(#fff, #0e1117); }
.ls { --st-text-color: light-dark(#1f2430, #fafafa); --st-background-color: light-dark(#fff, #0e1117); }
"""


@cache
def template() -> str:
    """Return the page without a run: RUN stands where it goes."""
    script, entry = joined(read())
    start = START.replace("<entry>", entry)
    inline = re.sub(r"<(?=/script|script|!--)", r"<\\", script + start)  # inside an element, these would not be script
    style = (ASSETS / "microscope.css").read_text("utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Loopscope</title>
<style>
{STYLE}{style}</style>
</head>
<body>
<main id="loopscope"><noscript>This page needs JavaScript.</noscript></main>
<script type="application/json" id="loopscope-run">{RUN}</script>
<script type="module">
{inline}</script>
</body>
</html>
"""


def page(
    message: bytes, query: str = "", answers: Iterable[tuple[str, dict[str, Any], str]] = (), title: str = "Loopscope"
) -> str:
    """Write a self-contained page of one run, or of two beside each other.

    **Arguments:** `message` as `looped.serving.message.pack` makes it; `query` the view, as in the address bar of the
    app ("loop=5&cell=40"); `answers` to long questions, as the browser keeps them: (key, {"cell", "loop"}, message in
    base64).
    """
    saved = {
        "title": title,
        "query": query,
        "answers": list(answers),
        "data": base64.b64encode(message).decode(),
    }
    held = json.dumps(saved, ensure_ascii=False).replace("<", "\\u003c")
    named = template().replace("<title>Loopscope</title>", f"<title>{html.escape(title)}</title>")
    return named.replace(RUN, held, 1)
