"""What the tasks of the Sequences page share: its sentences."""

from __future__ import annotations

from looped.tasks.protocol import Page

PAGE = Page(
    slug="sequences",
    first=(("lcs12-tmlt", None), ("edit_distance12-tmlt", None), ("countdown3-tmlt", None)),
    welcome="The model reads two words, or some numbers and a target, all tokens at once, and applies one and the same"
    " block again and again. Press play and watch its answer change; click a token to follow it, or type an input of"
    " your own.",
    no_checkpoint="There is no checkpoint for sequences; make one with: python -m looped train lcs12-tmlt",
    here_is="{checkpoint} reads other inputs, so here is one.",
    chose="{task} does not read this, so {checkpoint} was chosen.",
    none_fits="No checkpoint reads this yet; {checkpoint} reads other inputs.",
    misfit="{label} does another task, so nothing is compared.",
)
