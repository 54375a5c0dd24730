"""Streamlit's dialog that the server is gone gives way to a sentence of the page, until the server is back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]
PAGE = """
const message = document.createElement("div");
const root = document.createElement("div");
document.body.replaceChildren(root, message);
const page = { root, message, requests: { busy: x.busy }, state: { draft: { complaint: { text: "mended" } } },
  say: (said) => message.replaceChildren(said?.text ?? "") };
const pressed = [];
const dialog = (title) => {
  const box = document.createElement("div");
  box.dataset.testid = "stDialog";
  box.innerHTML = `<section role="dialog"><button aria-label="Close"></button><h2>${title}</h2></section>`;
  box.querySelector("button").onclick = () => { pressed.push(title); box.remove(); };
  document.body.append(box);
};
const looks = [];
const server = { alive: false };
const watch = new m.ServerWatch(page, async () => server.alive, (look) => looks.push(look));
watch.attach();
const settled = () => new Promise((done) => setTimeout(done));
const lostAndBack = async (told) => {
  dialog("Connection error");
  await told();
  await looks.shift()();
  await told();
  server.alive = true;
  await looks.shift()();
  await told();
};
"""


def test_the_dialog_is_closed_and_the_page_says_it_until_the_server_is_back(module: Module) -> None:
    body = """
    const said = [];
    const told = async () => { await settled(); said.push(message.textContent); };
    dialog("Something else");
    await told();
    await lostAndBack(told);
    watch.detach();
    dialog("Connection error");
    await told();
    return [said, pressed, looks.length];"""
    (other, gone, still, back, left), pressed, looks = module("pages/serverwatch.js", PAGE + body, {"busy": False})
    assert other == ""
    assert gone == still
    assert gone.startswith("The server cannot be reached. What is on screen can still be played")
    assert back == left == "mended"  # what was wrong before still is
    assert pressed == ["Connection error"]
    assert looks == 0


@pytest.mark.parametrize("busy", [True, False])
def test_what_was_said_otherwise_stays(module: Module, busy: bool) -> None:
    """A page that waits for a run says by itself that it does; another message since is not taken back."""
    body = """
    page.say({ text: "asked" });
    dialog("Connection error");
    await settled();
    const said = message.textContent;
    page.say({ text: "newer" });
    server.alive = true;
    for (const look of looks) await look();
    watch.detach();
    return [said === "asked", message.textContent, pressed.length];"""
    assert module("pages/serverwatch.js", PAGE + body, {"busy": busy}) == [busy, "newer", 1]


def test_a_page_without_a_microscope_says_it_too_until_the_server_is_back(module: Module) -> None:
    body = """
    watch.detach();
    const said = [];
    const told = async () => { await settled(); said.push(document.querySelector("[role=status]")?.textContent); };
    for (const more of ["", " Answers are kept."])  // one page after another
      m.watchBare(more, async () => server.alive, (look) => looks.push(look));
    await told();
    await lostAndBack(told);
    watch.attach(); // a page with a microscope says it by itself
    await told();
    watch.detach();
    return [said, pressed, looks.length];"""
    said, pressed, looks = module("pages/serverwatch.js", PAGE + body, {"busy": False})
    gone = "The server cannot be reached. Leave this page open: it goes on by itself once the server is back."
    assert said == ["", *[f"{gone} Answers are kept."] * 2, "", None]
    assert (pressed, looks) == (["Connection error"], 0)
