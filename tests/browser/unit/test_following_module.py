"""A page that follows the teacher of a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

RUN = """
const travel = { link: null, path: "/" };
const clock = [];
const link = {
  follow: (url) => { travel.link = { query: new URLSearchParams(url.search) }; },
  opensAt: (loop) => travel.link?.query.set("loop", String(loop)),
};
const page = {
  state: { travel, together: {} },
  clock: { pause: () => {}, setRange: () => {}, go: (loop) => clock.push(loop) },
  link,
};
const following = Object.create(m.Together.prototype);
Object.assign(following, { page, lesson: { page, ground: travel } });
Object.defineProperty(following, "source", { value: { memory: { getItem: () => null, removeItem: () => {} } } });
const now = { followed: null };
const at = (loop) => following.goTo(new URL(`http://here/?puzzle=1&loops=64&loop=${loop}`), now);
at(64);
const asked = travel.link.query.get("loop");
at(3);
return [asked, travel.link.query.get("loop"), clock];
"""


def test_the_clock_that_moves_before_the_run_has_come_is_followed(module: Callable[..., Any]) -> None:
    assert module("pages/together.js", RUN) == ["64", "3", [3]]
