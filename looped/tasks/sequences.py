"""What the tasks of the Sequences page share: its sentences, and what is said of their rules of attention."""

from __future__ import annotations

from looped.tasks.protocol import Page

PAGE = Page(
    slug="sequences",
    first=(
        ("lcs12-tmlt-unlike", None),
        ("lcs12-tmlt", None),
        ("edit_distance12-tmlt", None),
        ("countdown3-tmlt", None),
    ),
    welcome="The model reads two words, or some numbers and a target, all tokens at once, and applies one and the same"
    " block again and again. Press play and watch its answer change; click a token to follow it, or type an input of"
    " your own.",
    no_checkpoint="There is no checkpoint for sequences; make one with: python -m looped train lcs12-tmlt",
    here_is="{checkpoint} reads other inputs, so here is one.",
    chose="{task} does not read this, so {checkpoint} was chosen.",
    none_fits="No checkpoint reads this yet; {checkpoint} reads other inputs.",
    misfit="{label} does another task, so nothing is compared.",
)
WATCHED = (
    "How much of the attention of all positions that are asked goes to what a person would look at: "
    "in two words to the own and the other word, equal letters, the letter at the same place, the "
    "marks, itself and padding; in Countdown to the numbers and the target, the rest of the own "
    "equation, the other equations, and itself. One small curve over the {loops} for each head; the "
    "dotted line is what attention spread evenly would give, so a curve far above it is a head that "
    "watches this. All curves have one scale. Click to set the clock."
)
