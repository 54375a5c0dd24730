"""A request is sent again where its answer does not come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Module = Callable[..., Any]
RUN = """
const sent = [];
const away = [];
let look = 0;
const alive = x.alive;
const page = {
  waiting: () => look < alive.length,
  alive: async () => alive[look],
  again: () => sent.push(look),
  away: () => away.push(look),
};
const waits = [];
const resending = new m.Resending(page, (next) => waits.push(next));
resending.begin();
resending.begin();
if (waits.length !== 1) throw new Error("looked twice at a time");
while (waits.length) {
  await waits.shift()();
  look++;
}
return [sent, away];
"""


def sent(module: Module, alive: list[bool]) -> list[int]:
    """Number the looks at which a request was sent again, where the server could be reached or not at each look."""
    found: list[int] = module("pages/resending.js", RUN, {"alive": alive})[0]
    return found


def test_it_is_sent_as_soon_as_the_server_is_back_until_it_is_answered(module: Module) -> None:
    assert sent(module, [True, False, False, True, True]) == [3, 4]


def test_a_slow_server_is_asked_ever_more_seldom(module: Module) -> None:
    assert sent(module, [True] * 14) == [2, 5, 11]


def test_an_answer_that_came_is_not_asked_for_again(module: Module) -> None:
    assert sent(module, [False]) == []


def test_that_the_server_is_away_is_told_once(module: Module) -> None:
    """At the first look that does not find it, not while it only takes its time."""
    assert module("pages/resending.js", RUN, {"alive": [True, False, False, True]})[1] == [1]
    assert module("pages/resending.js", RUN, {"alive": [True] * 4})[1] == []
