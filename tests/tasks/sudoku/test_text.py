"""Reading boards from whatever people paste, and writing them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sudoku_boards import (
    FOUR,
    NINE,
    RANGES,
    SIX,
    SIZES,
    cells_of,
    few,
    is_board,
    seeds,
    sizes,
)

from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.geometry import BOXES
from looped.tasks.sudoku.rules import is_solution
from looped.tasks.sudoku.text import SudokuError, parse, to_grid


def forms(rows: tuple[str, ...]) -> dict[str, str]:
    """Ways to write a board with each blank sign, by name."""
    size = len(rows)
    high, wide = BOXES[size]
    found: dict[str, str] = {}
    for blank in ".0*?_- ":
        signs = [row.replace(".", blank) for row in rows]
        boxed = [[row[at : at + wide] for at in range(0, size, wide)] for row in signs]
        styles = {
            "close": [("|".join(row), "+".join("-" * wide for _ in row)) for row in boxed],
            "spaced": [
                (" | ".join(" ".join(part) for part in row), "+".join("-" * (2 * wide + 1) for _ in row))
                for row in boxed
            ],
            "framed": [
                (
                    "| " + " | ".join(" ".join(part) for part in row) + " |",
                    "+" + "+".join("-" * (2 * wide + 1) for _ in row) + "+",
                )
                for row in boxed
            ],
            "barred": [("| " + " | ".join(row) + " |", "-" * (4 * size + 1)) for row in signs],
            "double": [("║ " + " │ ".join(row) + " ║", "╠" + "═" * (4 * size - 1) + "╣") for row in signs],
            "equals": [("|".join(row), "=" * (size + size // wide - 1)) for row in boxed],
        }
        for name, drawn in styles.items():
            text = ""
            for number, (line, bar) in enumerate(drawn):
                text += (
                    (bar + "\n") * (number % high == 0 and (number > 0 or name in ("framed", "double"))) + line + "\n"
                )
            found[f"{name} {blank!r}"] = text
        found[f"one line {blank!r}"] = "".join(signs)
        found[f"lines {blank!r}"] = "\n".join(signs)
        found[f"crlf, cut {blank!r}"] = "\r\n".join(line.rstrip() for line in signs) + "\r\n"
        found[f"triple quotes {blank!r}"] = '"""' + "\n".join(signs) + '"""'
        found[f"spaces {blank!r}"] = "\n".join(" ".join(row) for row in signs)
        for sign in ",;\t":
            found[f"between {sign!r} {blank!r}"] = "\n".join(sign.join(row) for row in signs)
        if blank == " ":
            found["spreadsheet"] = "\n".join("\t".join(row).replace(" ", "") for row in signs)
            found["spreadsheet, cut"] = "\n".join("\t".join(row).replace(" ", "").rstrip() for row in signs)
            found["comma file"] = "\n".join(",".join(row).replace(" ", "") for row in signs)
        else:
            found[f"quoted line {blank!r}"] = "  '" + "".join(signs) + "'\n"
            found[f"around {blank!r}"] = "\n\n   " + "".join(signs) + " \t\r\n\n"
            found[f"returns {blank!r}"] = "\r".join(signs) + "\r"
            found[f"list of texts {blank!r}"] = str(signs)
            found[f"flat list {blank!r}"] = str(list("".join(signs)))
            found[f"double spaced {blank!r}"] = "\n\n".join(signs)
    numbers = [[int(sign) for sign in row.replace(".", "0")] for row in rows]
    found["list"] = str(numbers)
    found["json lines"] = "[\n  " + ",\n  ".join(str(row) for row in numbers) + "\n]\n"
    found["tuple"] = str(tuple(digit for row in numbers for digit in row))
    found["numpy"] = str(np.array(numbers))
    found["grid"] = to_grid(np.array(numbers).ravel(), size)
    found["grid on one line"] = found["grid"].replace("\n", " ")
    found["wrapped"] = "".join(rows)[: size + 3] + "\n" + "".join(rows)[size + 3 :]
    found["mark of the byte order"] = "\ufeff" + "".join(rows)
    found["hard spaces"] = "\n".join("\u00a0".join(row) for row in rows)
    return found


@pytest.mark.parametrize(("rows", "name"), [(rows, name) for rows in (FOUR, SIX, NINE) for name in forms(rows)])
def test_every_form_is_read(rows: tuple[str, ...], name: str) -> None:
    text = forms(rows)[name]
    assert is_board(text, rows, len(rows)), text
    assert is_board(text, rows), text


def test_dashes_that_cannot_be_bars_are_blanks() -> None:
    line = "53--7----6--195----98----6-8---6---34--8-3--17---2---6-6----28----419--5----8--79"
    assert parse(line).text == line.replace("-", ".")
    assert parse("----\n1---\n----\n--2-").text == "....1.........2."
    assert parse("----------------").text == "." * 16


def test_rows_come_before_the_mere_number_of_cells() -> None:
    """Five rows of dashes look like bars; the 36 cells that would leave are not a 6 x 6 board."""
    rows = [" ".join(row.replace(".", "-")) for row in (*NINE[:4], *["." * 9] * 5)]
    assert parse("\n".join(rows)).text == "".join(NINE[:4]) + "." * 45


def test_tabs_are_not_blanks() -> None:
    assert parse("1\t2\t\t\n\t\t1\t\n\t\t\t3\n\t\t\t").text == "12....1....3...."


def test_blank_rows_left_out_by_an_editor() -> None:
    assert is_board("\n".join(row.replace(".", " ").rstrip() for row in NINE), NINE)
    first_blank = NINE[::-1]
    text = "\n".join(row.replace(".", " ").rstrip() for row in first_blank)
    assert text.startswith("\n")
    assert parse(text).text == "".join(first_blank)
    # A newline before a 4 x 4 board is not a blank row of a 6 x 6 one.
    assert parse("\n12\n34\n\n 1\n").size == 4


@few
@given(sizes, seeds)
def test_round_trips(size: int, seed: int) -> None:
    puzzle = generate(1, size, RANGES[size], seed)[0][0]
    board = parse(to_grid(puzzle, size))
    assert (board.givens == puzzle).all()
    assert board.size == size
    assert board.unique
    assert parse(board.text) == board
    assert len(board.text) == size * size
    assert set(board.text) <= set("123456789.")


@few
@given(sizes, seeds, st.data())
def test_any_form_of_any_board_is_read(size: int, seed: int, data: st.DataObject) -> None:
    text = "".join(str(digit) if digit else "." for digit in generate(1, size, RANGES[size], seed)[0][0])
    rows = tuple(text[at : at + size] for at in range(0, size * size, size))
    name = data.draw(st.sampled_from(sorted(forms(rows))))
    assert is_board(forms(rows)[name], rows, size), name


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.one_of(st.text(max_size=90), st.text(alphabet="123. -|\n\t,'0", max_size=40)),
    st.sampled_from((None, *SIZES)),
)
def test_any_text_is_a_board_or_a_sudoku_error(text: str, size: int | None) -> None:
    try:
        board = parse(text, size)
    except SudokuError as error:
        is_sentence(str(error))
    else:
        assert size in (None, board.size)
        assert is_solution(board.givens, board.solution, board.size)


def is_sentence(text: str) -> None:
    assert text.endswith(".")
    assert text[0].isupper()
    assert "\n" not in text
    assert ". " not in text


BLANK9 = "." * 81
BAD = {
    "nothing": ("", None, ["no puzzle"]),
    "spaces only": (" \n\t ", None, ["no puzzle"]),
    "a mark only": ("\ufeff", None, ["no puzzle"]),
    "bars only": ("+---+\n+---+", None, ["no cells"]),
    "quotes only": ("''", 9, ["no cells", "9×9", "81"]),
    "one short": (BLANK9[1:], None, ["80 cells", "9×9", "81"]),
    "one over": (BLANK9 + ".", None, ["82 cells", "9×9", "81"]),
    "nearest is 4": ("1..4..", None, ["6 cells", "4×4", "16"]),
    "six rows": ("1234.\n23.\n3.56\n4.\n56.1.\n6.23", None, ["23 cells", "6×6", "36"]),
    "nearest is 6": ("." * 40, None, ["40 cells", "6×6", "36"]),
    "one cell": ("1", None, ["1 cell,", "16"]),
    "wrong size asked": ("." * 16, 9, ["16 cells", "9×9", "81"]),
    "too long for the size": (BLANK9, 4, ["81 cells", "4×4", "16"]),
    "short row": ("1...\n...\n....\n....", None, ["15 cells", "16", "row 2 has 3 of 4"]),
    "short dashes": (
        "53--7----\n---------\n" + "\n".join(["-" * 9] * 6) + "\n------12",
        None,
        ["80 cells", "81"],
    ),
    "letter": (BLANK9[:20] + "x" + BLANK9[21:], None, ["Line 1, column 21", "'x'", "1 to 9"]),
    "letter in a line": ("1234\n....\n..q.\n....", 4, ["Line 3, column 3", "'q'", "1 to 4"]),
    "arabic digit": ("٣" + BLANK9[1:], None, ["Line 1, column 1", "'٣'", "ARABIC-INDIC DIGIT THREE"]),
    "superscript": ("..²" + BLANK9[3:], None, ["Line 1, column 3", "SUPERSCRIPT TWO"]),
    "full-width digit": ("５" + BLANK9[1:], None, ["FULLWIDTH DIGIT FIVE"]),
    "control": ("\x07" + BLANK9[1:], None, ["Line 1, column 1", "invisible", "U+0007"]),
    "minus sign": ("\u2212" + BLANK9[1:], None, ["MINUS SIGN"]),
    "digit over 4": ("....\n..5.\n....\n....", None, ["Row 2, column 3", "holds 5", "4×4", "1 to 4"]),
    "digit over 6": ("." * 35 + "7", None, ["Row 6, column 6", "holds 7", "6×6", "1 to 6"]),
    "row": ("..5....5." + BLANK9[9:], None, ["Digit 5", "row 1,", "row 1, column 3", "row 1, column 8"]),
    "column": (
        BLANK9[:10] + "4" + BLANK9[11:64] + "4" + BLANK9[65:],
        None,
        ["Digit 4", "in column 2,", "row 2, column 2", "row 8, column 2"],
    ),
    "box": (
        "." * 14 + "3" + "." * 4 + "3" + "." * 16,
        None,
        ["Digit 3", "in box 3,", "row 3, column 3", "row 4, column 2"],
    ),
    "no solution": ("123.\n...4\n....\n....", None, ["no solution"]),
    "endless": ("." * 2001, None, ["2001 characters", "2000"]),
}


@pytest.mark.parametrize("name", BAD)
def test_errors_say_what_is_wrong_and_where(name: str) -> None:
    text, size, parts = BAD[name]
    with pytest.raises(SudokuError) as caught:
        parse(text, size)
    is_sentence(str(caught.value))
    for part in parts:
        assert part in str(caught.value)


def test_length_at_the_limit_is_read() -> None:
    assert parse("." * 16 + " " * 1984).size == 4


@pytest.mark.parametrize("size", SIZES)
def test_several_solutions_are_a_warning(size: int) -> None:
    board = parse("." * size * size)
    assert not board.unique
    assert len(board.warnings) == 1
    is_sentence(board.warnings[0])
    assert "several solutions" in board.warnings[0]
    assert is_solution(board.givens, board.solution, size)


def test_a_board_is_a_value() -> None:
    board = parse("".join(SIX))
    assert board.unique
    assert board.warnings == ()
    assert board == parse("\n".join(SIX))
    assert hash(board) == hash(parse("\n".join(SIX)))
    assert board != parse("." * 36)
    assert board != "".join(SIX)
    assert board.givens.dtype == board.solution.dtype == np.int8
    for array in (board.givens, board.solution):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        board.size = 4  # type: ignore[misc]


def test_to_grid_by_hand() -> None:
    assert to_grid(cells_of("".join(FOUR)), 4) == "4 . | . .\n. . | . 2\n----+----\n. . | . 3\n3 . | . ."
    with pytest.raises(ValueError, match="16 cells"):
        to_grid(np.zeros(15, int), 4)


def test_a_text_that_is_near_no_board_is_held_against_the_one_on_screen() -> None:
    for text, usual, needed in (("12345", 9, 81), ("12345", 4, 16), ("." * 35, 9, 36), ("123\n...\n3.\n412", 9, 16)):
        with pytest.raises(SudokuError, match=f"needs {needed}"):
            parse(text, usual=usual)
