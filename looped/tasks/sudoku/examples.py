"""Puzzles for a first look: own puzzles, each with one solution, all on the held-out side."""

from __future__ import annotations

EXAMPLES: dict[int, tuple[tuple[str, str], ...]] = {
    4: (
        ("Gentle", ".3244..32.3..1.2"),
        ("Medium", "4.3..342......2."),
        ("Hard", "4......2...33..."),
    ),
    6: (
        ("Gentle", "5.64.....563..523.1.365..613.53.2..6"),
        ("Medium", "5..4.221..6......11...5.4..3.53...4."),
        ("Hard", "6...2.........3.5.5....6..1......1.3"),
    ),
    9: (
        ("Gentle", "71.3..2..4.9871.36....42...97...4....842936..6......2....5361421564298.3..3....6."),
        ("Easy", "..6289..37....19..3.147..28.7362...1..4.....2....184...578..........71..489..5..7"),
        ("Medium", "....84...9...3.82.4....7...7...5....81.6...4.563....1.3.67.8.59......2.7..7..5.63"),
        ("Hard", ".8...92...16..3......6....8.9......57.34....9....1...69......5....27.9.4..83....."),
        ("Very hard", "......1....58.2..3.....16..2..9.8...3..2...4...9.......6.......5....39.2.4.7...5."),
    ),
}
"""Board size -> (name, puzzle), easy to hard.  The last one of
each size and the 9 x 9 "Hard" are minimal; singles alone solve the first three 9 x 9, "Hard" takes one or two
guesses and "Very hard" about eight."""
