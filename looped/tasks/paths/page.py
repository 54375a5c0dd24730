"""The page of the task Paths: what a newcomer sees, and the sentences with which it answers requests."""

from __future__ import annotations

from looped.tasks.protocol import Page

PAGE = Page(
    slug="paths",
    first=(("paths-looped", None), ("paths-tmlt", None)),
    welcome="A flood spreads from the source S, about one ring a loop: that is how the model finds out which cells can "
    "be reached. Press play, and draw walls while it runs.",
    no_checkpoint="There is no checkpoint for grids; make one with: python -m looped train paths-looped",
    here_is="{checkpoint} reads other inputs, so here is a grid.",
    chose="{task} does not read this, so {checkpoint} was chosen.",
    none_fits="No checkpoint reads this; {checkpoint} reads grids.",
    misfit="{label} does another task, so nothing is compared.",
    face="grid",
)
