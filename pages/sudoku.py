"""Sudoku: type a board and watch a looped transformer solve it, loop by loop."""

from looped.ui import sudoku

sudoku.page()
