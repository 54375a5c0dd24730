"""Prompts for a first look, by name."""

from __future__ import annotations

from looped.tasks.regression.functions import Form

CURVES = (
    ("a smooth curve", "seed=14 examples=12 curve=smooth"),
    ("a sum of sines", "seed=5 examples=20 curve=sines"),
    ("steps", "seed=2 examples=24 curve=steps"),
    ("five points", "-1.6 -0.8; -0.7 0.9; 0 0.2; 0.8 -1.1; 1.7 0.7"),
)


def examples_of(form: Form) -> tuple[tuple[str, str], ...]:
    """Return the name and the text of prompts of a task."""
    if form.family == "curve":
        return CURVES
    d, most = form.dims, form.most
    found = [
        (f"{most} examples", f"seed=7 examples={most}"),
        (f"{max(2, d // 2)} examples", f"seed=7 examples={max(2, d // 2)}"),
        ("noise", f"seed=7 examples={most} noise=0.5"),
    ]
    if d > 2:
        found.append(("queries on examples", f"seed=7 examples={most} query=example"))
    return tuple(found)
