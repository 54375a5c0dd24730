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
  state: { travel, together: { told: {} } },
  clock: { pause: () => {}, setRange: () => {}, go: (loop) => clock.push(loop) },
  host: { root: "http://here/" },
  link,
};
const following = Object.create(m.Together.prototype);
const first = []; // the look of a first visit, which every other view of the teacher's begins with
const ground = { path: "/", prepare: (query) => first.push(query.get("loop")) };
Object.assign(following, { page, lesson: { page, ground } });
Object.defineProperty(following, "source", { value: { memory: { getItem: () => null, removeItem: () => {} } } });
const now = { followed: null };
const at = (loop) => following.goTo(new URL(`http://here/?puzzle=1&loops=64&loop=${loop}`), now);
at(64);
const asked = travel.link.query.get("loop");
at(3);
const followed = [asked, travel.link.query.get("loop"), [...clock]];
"""


def test_the_clock_that_moves_before_the_run_has_come_is_followed(module: Callable[..., Any]) -> None:
    assert module("pages/together.js", RUN + "return [...followed, first];") == ["64", "3", [3], ["64"]]


def test_a_teacher_who_comes_back_tells_nothing_before_the_page_is_where_the_class_is(
    module: Callable[..., Any],
) -> None:
    body = """
    const followed = [];
    const memory = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
    const page = {
      state: { together: { ...x, told: {} }, travel: {} },
      clock: { pause: () => {}, setRange: () => {} },
      host: { root: "http://here/" },
      link: { follow: (url) => followed.push(url.search) },
      changed: () => {},
    };
    const together = Object.create(m.Together.prototype);
    const ground = { path: "/", prepare: () => {} };
    Object.assign(together, { page, lesson: { page, ground }, bar: { show: () => {} } });
    Object.assign(together, { settle: () => {} });
    Object.defineProperty(together, "source", { value: { memory } });
    together.tell();
    const before = together.telling ?? null;
    together.heard({ view: "/?puzzle=1&lesson=two&step=3" });
    clearTimeout(together.telling);
    return [before, followed, together.now.back];
    """
    led = {"code": "abc", "key": "k", "student": None, "followed": None, "back": True}
    assert module("pages/together.js", body, led) == [None, ["?puzzle=1&lesson=two&step=3"], False]


def test_a_student_who_went_to_another_step_is_told_so_and_keeps_the_own_clock(module: Callable[..., Any]) -> None:
    more = """
    Object.assign(following.now.told, { view: "/?puzzle=1&loops=64&lesson=two&step=3", follows: true });
    const astray = [["two", 3], ["two", 4], ["one", 3], [null, 1]].map(([name, number]) => {
      Object.assign(following.lesson, { name, number });
      return following.astray;
    });
    at(5);
    following.now.told.follows = false;
    return [astray, following.astray, clock];
    """
    assert module("pages/together.js", RUN + more) == [[False, True, True, True], False, [3]]


def test_a_page_that_has_lost_its_class_says_so_until_it_hears_of_it_again(module: Callable[..., Any]) -> None:
    """Where nothing can be sent, where what is heard breaks off, and where nothing is heard though nothing broke."""
    body = """
    const known = window.setTimeout;
    window.setTimeout = (work, after) => known(work, after / 1000); // the silence of half a minute, too
    const strip = [];
    const together = Object.create(m.Together.prototype);
    const silent = (signal) => new Promise((_, failed) => {
      signal.addEventListener("abort", () => failed(signal.reason));
    });
    const refused = Object.assign(new Error("More than 4 pages"), { gone: false });
    const tries = [
      async function* () { yield { view: "/?" }; throw new TypeError("network error"); },
      async function* () { throw new Error("The server cannot be reached"); },
      async function* (signal) { yield {}; await silent(signal); },
      async function* () { yield {}; throw refused; },
      async function* () { yield {}; },
      async function* () { throw Object.assign(new Error("gone"), { gone: true }); },
    ];
    const source = { hear: (_, signal) => tries.shift()(signal) };
    const now = { code: "abc234", student: "s", told: {}, lost: false };
    const page = { state: { together: now } };
    const bar = { show: () => strip.push(now.lost) };
    Object.assign(together, { page, bar, heard: () => {}, over: (words) => strip.push(words) });
    Object.defineProperty(together, "source", { value: source });
    await together.hear();
    window.setTimeout = known;
    return strip;
    """
    assert module("pages/together.js", body) == [True, False, True, False, "gone"]


def test_the_strip_says_that_the_class_is_lost_rather_than_what_was_told_of_it(module: Callable[..., Any]) -> None:
    body = """
    const told = { follows: true, view: "/?lesson=one", quiz: null };
    const bar = new m.TogetherBar({ page: {} });
    const said = [false, true].map((lost) => {
      const lesson = { name: "one", number: 1 };
      bar.together = { on: true, now: { code: "abc234", lost }, told, teaching: false, astray: false, lesson,
        at: () => true, page: {} };
      bar.show();
      return bar.here.textContent;
    });
    bar.sizes.disconnect();
    return said;
    """
    follows = "Your page follows your teacher’s."
    assert module("pages/togetherbar.js", body) == [follows, "No connection to the class; trying again."]


def test_an_answer_that_does_not_reach_the_server_tells_at_once_that_the_class_is_lost(
    module: Callable[..., Any],
) -> None:
    body = """
    const said = [];
    const now = { code: "abc234", student: "s", told: {}, lost: false };
    const together = Object.create(m.Together.prototype);
    const column = { refuseFor: ({ message }) => said.push(message) };
    const bar = { show: () => said.push(now.lost) };
    Object.assign(together, { page: { state: { together: now } }, bar, lesson: { name: "one", number: 1, column } });
    const failed = (unreached) => Object.assign(new Error("no"), { unreached });
    for (const unreached of [undefined, true]) {
      const source = { send: async () => { throw failed(unreached); } };
      Object.defineProperty(together, "source", { value: source, configurable: true });
      await together.commit(1);
    }
    return said;
    """
    assert module("pages/together.js", body) == ["no", True, "no"]


def test_on_the_way_to_a_view_no_mode_is_chosen(module: Callable[..., Any]) -> None:
    """Which mode of a panel comes first depends on what is run there, not on what was here."""
    body = """
    const look = { modes: { error: "apart" } };
    const page = { state: { look, choice: {} }, spec: { panels: ["error"] } };
    m.Ground.prototype.prepare.call({ page }, new URLSearchParams("panels=error"));
    return look.modes;
    """
    assert module("pages/lessonground.js", body) == {}
