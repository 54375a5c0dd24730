"""What a page without a microscope has its browser do: remember a text by its name, and show what is new."""

from __future__ import annotations

import streamlit as st

SCRIPT = """
export default function ({ data: { name, text }, setStateValue }) {
  try {
    if (text === "") localStorage.removeItem(name);
    else if (text !== null) localStorage.setItem(name, text);
    else if (localStorage.getItem(name) !== null) setStateValue("kept", { name, text: localStorage.getItem(name) });
  } catch {
    // a browser without storage: the page forgets with its session
  }
}
"""
SHOW = """
export default function () {
  const main = document.querySelector("[data-testid=stMain]");
  const said = main?.querySelector("[data-testid=stAlert]");
  main?.scrollTo(0, 0);
  said?.setAttribute("tabindex", "-1");
  said?.focus({ preventScroll: true });
}
"""
memory = st.components.v2.component("memory", js=SCRIPT)

shown = st.components.v2.component("shown", js=SHOW)


def show_top() -> None:
    """Have the browser scroll to the top of the page, where something new is said, and a keyboard go on from there."""
    shown(key="shown")


def recall(name: str) -> str | None:
    """Return what the browser keeps under a name; None before it has told, and where it keeps nothing.

    Anybody may have written there: whoever reads it checks it.
    """
    found = mount(name, None, f"read-{name}")
    return found["text"] if isinstance(found, dict) and found.get("name") == name else None


def keep(name: str, text: str) -> None:
    """Have the browser keep a text under a name; "" has it forget."""
    mount(name, text, f"write-{name}")


def mount(name: str, text: str | None, key: str) -> object:
    """Put the element on the page that reads or writes; return what it told last."""
    return memory(data={"name": name, "text": text}, key=key, on_kept_change=lambda: None).kept
