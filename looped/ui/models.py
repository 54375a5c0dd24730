"""The Models page: what each checkpoint is, what was measured of it, and how it learned."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import accumulate

import streamlit as st

from looped.catalogue.checkpoints import Checkpoint, CheckpointError
from looped.catalogue.results import charted, overview, passes, with_interval
from looped.catalogue.upload import NEEDED, OTHERS, add
from looped.figures.curves import Figure, Scored, accuracy_by_loops, learning_curve, loss_curve
from looped.runs.names import CheckpointName
from looped.serving.engine import Engine
from looped.settings import settings
from looped.ui.state import LOOKED_AT, engine

FIGURES = 32  # that are kept
ADDED = "checkpoint-added"  # in the state of a session: the name of the checkpoint that was just added
PICTURE = re.compile(r"!+(?=\[)")  # what makes a link of Markdown a picture


def page() -> None:
    """Show the card of the chosen checkpoint beside its curves, and below them a table of all checkpoints."""
    shared = engine()
    for reason in shared.broken().values():
        st.warning(reason)
    names = shared.names()
    if not names:
        st.info("There is no checkpoint yet; make one with: python -m looped train sudoku4-looped")
        return
    take_checkpoint(names)
    name = st.selectbox("Checkpoint", names, key="model", bind="query-params")
    checkpoint = shared.checkpoint(name)
    card, figures = st.columns([3, 2], gap="large")
    card.markdown(card_text(checkpoint))
    with figures:
        show_scores(shared, checkpoint)
        show_training(checkpoint)
    with st.expander(f"All {len(names)} checkpoints"):
        st.markdown(overview([shared.checkpoint(other).info for other in names]))
    if settings().upload_mb:
        offer_upload(shared, settings().upload_mb)


def offer_upload(shared: Engine, most: int) -> None:
    """Take the files of a checkpoint of at most so many MB; say what is wrong with them, or that it is there."""
    added = st.session_state.pop(ADDED, "")
    with st.expander("Add a checkpoint", expanded=bool(added)), st.form("upload", clear_on_submit=True, border=False):
        st.caption(
            f"The files of its folder, at most {most} MB together: {' and '.join(NEEDED)}; {' and '.join(OTHERS)}, if "
            "there are any. They are checked and run once, and then everybody here sees the checkpoint."
        )
        sent = st.file_uploader("Files of a checkpoint", accept_multiple_files=True, key="upload-files")
        if not st.form_submit_button("Add"):
            if added:
                st.success(f"{added} is here now; choose it above, or on its page.")
            return
        try:
            name = add({file.name: file.getvalue() for file in sent}, shared.catalogue, most * 10**6)
        except CheckpointError as error:
            st.error(f"This was not added: {error}")
        except OSError:
            st.error("This was not added: the folder of the checkpoints cannot be written to.")
        else:
            st.session_state[ADDED] = name
            st.rerun()  # the lists above have it, too


def take_checkpoint(names: list[str]) -> None:
    """Choose what a link names in the way of the other pages when the page opens, else what such a page showed last.

    A changed checkpoint has the card of the one that was changed.
    """
    looked_at = st.session_state.pop(LOOKED_AT, "")
    linked = "" if "model" in st.session_state else st.query_params.get("checkpoint", "")
    asked = CheckpointName.read(linked or looked_at).base
    chosen = st.query_params.get("model", "")
    if chosen and chosen not in names and "model" not in st.session_state:
        st.warning(f"There is no checkpoint called {chosen[:60]!r}, or it cannot be used; choose one from the list.")
    if "model" in st.query_params and not looked_at:
        return
    if asked in names:
        st.session_state["model"] = asked
    elif linked:
        st.warning(f"There is no checkpoint called {asked[:60]!r}; choose one from the list.")


def card_text(checkpoint: Checkpoint) -> str:
    """Return the model card, or a sentence where there is none.

    Its pictures become links: a card comes from anywhere, and what it loads would tell others who reads it.
    """
    file = checkpoint.folder / "README.md"
    if not file.is_file():
        return f"{checkpoint.name} has no model card: there is no README.md beside its weights."
    return PICTURE.sub("", file.read_text("utf-8"))


def show_scores(shared: Engine, checkpoint: Checkpoint) -> None:
    """Draw the scores of the checkpoint and of all others of its task; nothing where there is no curve to draw."""
    same = [
        shared.checkpoint(name) for name in shared.names() if shared.checkpoint(name).task.name == checkpoint.task.name
    ]
    measured = [
        Scored(
            one.name,
            [with_interval(score) for score in charted(one.info.get("scores", []))],
            passes(one.info),
        )
        for one in same
    ]
    if not any(len(score["loops"]) > 1 for one in measured for score in one.scores):
        return
    st.subheader("Scores by number of loops")
    standard = passes(checkpoint.info) == "layers"
    trained = None if standard else checkpoint.model.trained_loops
    told = json.dumps([one._asdict() for one in measured])
    show(scores_figure(told, checkpoint.name, trained, checkpoint.task.things), "scores")
    drawn = any(one.scores for one in measured if one.name == checkpoint.name)
    measure = f"`python -m looped evaluate {checkpoint.name} --keep`"
    own = f"{checkpoint.name} is thick" if drawn else f"{checkpoint.name} was not measured yet ({measure} does it)"
    st.caption(
        f"All checkpoints of {checkpoint.task.name} that were measured; {own}. Circles: measured after loops; "
        "diamonds: after the layers of a standard transformer; stars: on the test inputs, on which nothing was chosen, "
        "all else is validation; open circles: the best of several runs of each input, chosen by the rules. "
        "Bars are 95 % intervals. "
        "Click the legend to hide a line, drag to zoom, double-click to zoom out."
    )


@lru_cache(maxsize=FIGURES)
def scores_figure(measured: str, name: str, trained: int | None, things: str) -> Figure:
    """Draw scores, a list of `Scored` as JSON; what several visitors look at is drawn once."""
    return accuracy_by_loops([Scored(**one) for one in json.loads(measured)], name, trained, things)


@lru_cache(maxsize=FIGURES)
def training_figures(log: str, begun: tuple[int, ...], things: str, passes: str) -> tuple[Figure, Figure]:
    """Draw how scores and loss went, of the text of a log."""
    return learning_curve(log, begun, things, passes), loss_curve(log, begun)


def show_training(checkpoint: Checkpoint) -> None:
    """Draw the log of the training run, where there is one."""
    log = checkpoint.folder / "log.csv"
    if not log.is_file():
        return
    training = checkpoint.info.get("training", {})
    stages = training.get("recipe", {}).get("stages", [])
    begun = [step for step in accumulate(stage["steps"] for stage in stages) if step < training.get("steps", 0)]
    things = checkpoint.task.things
    text = log.read_text("utf-8")
    st.subheader("How it learned")
    learning, loss = training_figures(text, tuple(begun), things, passes(checkpoint.info))
    show(learning, "learning")
    show(loss, "loss")
    if stages:
        st.caption(
            f"Measured while training: held-out {things} of the kinds that were trained on, "
            "not those of the card's tables."
        )
    if begun:
        st.caption(
            f"Dashed: a new stage of the recipe, with other {things}. Those held out for this curve change with it."
        )


def show(figure: Figure, key: str) -> None:
    """Show a Plotly figure in the colours of the page; its script is loaded when the first one is shown."""
    st.plotly_chart(figure, key=key, config={"displaylogo": False})
