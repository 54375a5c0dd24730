"""The Models page: what each checkpoint is, what was measured of it, and how it learned."""

from __future__ import annotations

from itertools import accumulate

import streamlit as st

from looped.figures.curves import accuracy_by_loops, learning_curve, loss_curve
from looped.ui.state import engine


def page() -> None:
    shared = engine()
    names = shared.names()
    for reason in shared.broken().values():
        st.warning(reason)
    if not names:
        st.info("There is no checkpoint yet; make one with: python -m looped train sudoku4-looped")
        return
    name = st.selectbox("Checkpoint", names, key="model", bind="query-params")
    checkpoint = shared.checkpoint(name)
    things, plain = checkpoint.task.things, checkpoint.config.architecture == "standard"
    card, figures = st.columns([3, 2], gap="large")
    card.markdown((checkpoint.folder / "README.md").read_text("utf-8"))
    scores = checkpoint.info.get("scores", [])
    if scores and not plain:  # one point is no curve
        figures.subheader("Right by number of loops")
        figures.altair_chart(
            accuracy_by_loops(
                scores, checkpoint.config.trained_loops, f"whole {things}" if things == "boards" else things
            )
        )
    log = checkpoint.folder / "log.csv"
    if log.exists():
        training = checkpoint.info.get("training", {})  # of somebody else's checkpoint nothing need be known
        stages = training.get("recipe", {}).get("stages", [])
        begun = [step for step in accumulate(stage["steps"] for stage in stages) if step < training.get("steps", 0)]
        figures.subheader("How it learned")
        figures.altair_chart(learning_curve(log.read_text("utf-8"), begun, things, "layers" if plain else "loops"))
        figures.altair_chart(loss_curve(log.read_text("utf-8"), begun))
        if stages:
            figures.caption(
                f"Asked while training: held-out {things} of the kinds trained on, so not those of the tables."
                + (
                    f" Dashed: a new stage of the recipe, with other {things}; those held out for this curve change with it."
                    if begun
                    else ""
                )
            )
