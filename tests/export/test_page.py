"""One run as one file."""

from __future__ import annotations

import base64
import json
import re

import numpy as np

from looped.export.page import page, template
from looped.serving.message import pack

MESSAGE = pack([{"arrays": {"a": np.arange(3, dtype=np.float32)}, "meta": {}}], page="sudoku")
HELD = re.compile(r'<script type="application/json" id="loopscope-run">(.*?)</script>', re.DOTALL)


def test_the_file_holds_the_message_and_the_view() -> None:
    html = page(MESSAGE, "loop=5&cell=40", [("key", {"cell": 1}, "AAAA")], title="A & <b>")
    (held,) = HELD.findall(html)
    saved = json.loads(held)
    assert base64.b64decode(saved["data"]) == MESSAGE
    assert (saved["query"], saved["answers"]) == ("loop=5&cell=40", [["key", {"cell": 1}, "AAAA"]])
    assert "<title>A &amp; &lt;b&gt;</title>" in html
    assert saved["title"] == "A & <b>"


def test_the_file_loads_nothing_from_anywhere() -> None:
    html = template()
    assert not re.search(r"""(src|href)=["']|@import|url\((?!data:)""", html)
    assert html.count("<script") == html.count("</script>") == 2


def test_what_is_in_the_run_ends_no_element() -> None:
    html = page(MESSAGE, title="</script><script>alert(1)</script>")
    assert html.count("</script>") == 2
