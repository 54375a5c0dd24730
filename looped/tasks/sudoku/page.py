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
    "to cells with the same digit, to themselves, and to cells that share none of these. One small "
    "curve over the loops for each head; the dotted line is what attention spread evenly over the "
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
CARD = CardWords(
    scored="Boards with every blank right (givens are taken from the board)",
    right="boards right",
    data="generated boards with one solution, each met again only under a random symmetry. One symmetry class in"
    " sixteen is held out before that; scores are on held-out classes; a board of one may have the solution of a"
    " trained board, and differ from it by a single clue.",
    loss="cross-entropy on the blanks",
)
