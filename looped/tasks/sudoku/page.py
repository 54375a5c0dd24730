"""The words of Sudoku: its terms, the sentences of its page, and what a model card says of it."""

from __future__ import annotations

from looped.tasks.protocol import CardWords, Page, Terms

TERMS = Terms(
    place="cell",
    places="cells",
    token="digit",
    tokens="digits",
    asked="blank",
    asked_many="blanks",
    clue="clue",
    clues="clues",
    input="board",
    inputs="boards",
    face="board",
    right="right board",
    small="small board",
    at="in",
    groups="row, column and box",
    watched="How much of the attention of all blanks goes to the other cells of their row, column and box, "
    "to cells with the same digit, to other cells that break a rule (violated: their digit stands twice in a "
    "unit after the {loop} before), to themselves, and to cells that share none of these. One small "
    "curve over the {loops} for each head; the dotted line is what attention spread evenly over the "
    "board would give, so a curve far above it is a head that watches this rule. All curves have one "
    "scale. Click to set the clock.",
    counted=", row by row",
)
PAGE = Page(
    slug="sudoku",
    first=(("sudoku9-tmlt", "Easy"),),
    welcome="A looped transformer applies one and the same block again and again. Press play and watch it fill this"
    " board, loop by loop; click any cell to follow it, or type a board of your own.",
    no_checkpoint="There is no Sudoku checkpoint; make one with: python -m looped train sudoku4-looped",
    here_is="{checkpoint} plays {own} boards, so here is one.",
    chose="This is a {form} board, so {checkpoint} was chosen.",
    none_fits="No checkpoint plays {form} boards yet; {checkpoint} plays {own}.",
    misfit="{label} plays another size of board, so nothing is compared.",
    face="board",
    free_text=False,
    one_room=True,
)
GRIDS = {
    4: "Full 4 × 4 grids are two up to symmetry, and training met both: no split holds a grid out, and no score says"
    " what a model does with a grid that it has not met",
    6: "Full 6 × 6 grids are 49 up to symmetry, all met in training: a held-out board has another choice of clues, not"
    " a new solution",
    9: "There are 5.5 billion full 9 × 9 grids up to symmetry (Russell and Jarvis, 2006), so that hardly any held-out"
    " board has a solution that training met",
}
"""What a held-out board may share with those of training, by size."""


def card_words(size: int) -> CardWords:
    """Return what a model card says of boards of a size."""
    return CardWords(
        scored="Boards with every blank right (givens are taken from the board)",
        right="boards right",
        data="generated boards with one solution, each met again only under a random symmetry. One symmetry class in"
        f" sixteen is held out before that; scores are on held-out classes. {GRIDS[size]}.",
        loss="cross-entropy on the blanks",
    )
