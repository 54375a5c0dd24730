"""The page of in-context learning: what a newcomer sees, and the sentences with which it answers requests."""

from __future__ import annotations

from looped.tasks.protocol import Page

PAGE = Page(
    slug="in-context",
    first=(("curves1-looped", None), ("linear5-looped", None)),
    welcome="A model has never met this function. It reads the points and works out, loop by loop, what lies between "
    "them. Press play, and drag a point while it runs.",
    no_checkpoint="There is no checkpoint that learns in context; make one with: python -m looped train curves1-looped",
    here_is="{checkpoint} reads other prompts, so here is one.",
    chose="{task} does not read this, so {checkpoint} was chosen.",
    none_fits="No checkpoint reads this; {checkpoint} reads rows of numbers.",
    misfit="{label} does another task, so nothing is compared.",
    face="prompt",
)
