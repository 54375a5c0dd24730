"""What a panel is told of an answer, without a page: JavaScript that tests of figures and sentences begin with."""

from __future__ import annotations

SEEN = """
const array = (shape, ...values) => ({ values: Float32Array.from(values), shape });
const view = { at: (t) => t, loops: 1, arrays: {}, meta: {} };
const colours = { groups: ["#111"], accent: "#222", warm: "#333", cool: "#444", muted: "#555" };
const about = (asked, more) => ({ view, t: 1, asked, colours, words: (text) => text, ...more });
"""
