"""Boards as other programs write them."""

from __future__ import annotations

import pytest
from sudoku_boards import FOUR, NINE, SIX

from looped.tasks.sudoku.formats import CANDIDATES
from looped.tasks.sudoku.text import SudokuError, mend, parse, parse_marked, unmarked

BOARDS = {"".join(rows): len(rows) for rows in (FOUR, SIX, NINE)}
TEXT = "".join(NINE)


def lines(text: str) -> list[str]:
    size = round(len(text) ** 0.5)
    return [text[at : at + size] for at in range(0, len(text), size)]


def pencilled(text: str) -> str:
    """A drawn grid in which every blank has all digits as candidates, as HoDoKu and SudoCue write it."""
    rows = []
    for row in lines(text):
        signs = ["123456789" if sign == "." else sign for sign in row]
        rows.append("| " + " | ".join(" ".join(f"{cell:9}" for cell in signs[at : at + 3]) for at in (0, 3, 6)) + " |")
    bar = ".---------.---------.---------."
    return "\n".join([bar, *rows[:3], bar.replace(".", ":"), *rows[3:6], bar, *rows[6:], bar.replace(".", "'")])


@pytest.mark.parametrize("text", BOARDS)
@pytest.mark.parametrize("mark", "./-|,_:;\\ ")
def test_rows_in_one_line_are_read_with_any_sign_between_them(text: str, mark: str) -> None:
    assert parse(mark.join(lines(text))).text == text
    assert parse(mark.join(lines(text.replace(".", "0")))).text == text


@pytest.mark.parametrize(
    "line",
    [
        f":0709:1:{TEXT}:::r1c1::",
        ":0000:x:" + "".join(f"+{sign}" if sign in "13" else sign for sign in TEXT) + ":::",
        "# a comment\n[Puzzle]\n" + "\n".join(lines(TEXT)),
        f"https://www.example.org/sudoku.htm?bd={TEXT.replace('.', '0')}",
        f"https://example.org/?v=1&puzzle={TEXT}&checkpoint=sudoku9-tmlt",
    ],
    ids=["HoDoKu", "HoDoKu, placed digits", "SDK", "link with a board", "link to a view"],
)
def test_what_other_programs_write_is_read(line: str) -> None:
    assert parse(line).text == TEXT


def test_lists_of_candidates_are_read_and_said_to_be_that() -> None:
    """A cell with one candidate is given. 729 signs in a row, or a grid that is drawn."""
    digits = "123456789"
    flat = "".join(digits if sign == "." else "".join(d if d == sign else "." for d in digits) for sign in TEXT)
    assert len(flat) == 729
    for text in (flat, flat.replace(".", "0"), pencilled(TEXT)):
        board = parse(text)
        assert (board.text, board.warnings) == (TEXT, (CANDIDATES,))


@pytest.mark.parametrize(
    "link", ["https://www.nytimes.com/puzzles/sudoku/hard", "www.nytimes.com/puzzles/123456789012"]
)
def test_a_link_without_a_board_is_named_for_what_it_is(link: str) -> None:
    with pytest.raises(SudokuError, match=r"This is a link to www\.nytimes\.com, not a board; open it and copy"):
        parse(link)


@pytest.mark.parametrize("form", [lambda text: text, lambda text: "/".join(lines(text)), pencilled])
def test_a_wrong_board_of_any_form_can_be_mended(form: object) -> None:
    """What was pasted comes back as it is; what is run leaves out what leaves it no solution."""
    wrong = "11" + TEXT[2:]
    found = mend(form(wrong))  # type: ignore[operator]
    assert found is not None
    run, typed = found
    assert typed == wrong
    assert parse(run).text == run
    assert mend("no board at all") is None


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("d3244..32.3..1.2", {0}),  # one entry meets two clues
        ("4" + "3244..32.3..1.2", {0}),  # and so does a clue
        ("12345678........9" + 64 * ".", {16}),  # no equal digits meet
        ("55" + 7 * "." + "6.6" + 69 * ".", {1, 11}),
        ("1ab" + 13 * ".", {1}),  # a right entry stays
        ("12344b..........", {5}),  # it meets a clue of its box
    ],
)
def test_as_few_cells_as_can_be_are_left_out_and_entries_before_clues(typed: str, left: set[int]) -> None:
    found = mend(typed)
    assert found is not None
    run, entry = found
    assert entry == typed
    digits = unmarked(typed)[0]
    assert {i for i, (sign, kept) in enumerate(zip(digits, run, strict=True)) if sign != kept} == left
    assert parse(run).text == run


def test_entries_are_told_from_givens_and_say_what_they_leave() -> None:
    """An entry is a letter. Which of the two leave no solution is said."""
    text = "".join(FOUR)
    solution = "".join(map(str, parse(text).solution))
    good = text[:1] + "abcd"[int(solution[1]) - 1] + text[2:]
    board = parse_marked(good)
    assert (board.text, board.entries, board.entry) == (text[0] + solution[1] + text[2:], {1}, good)
    assert (board.unique, board.puzzle_unique, board.warnings) == (True, True, ())
    others = [digit for digit in "1234" if digit not in (solution[1], "4")]
    bad = [text[:1] + "abcd"[int(digit) - 1] + text[2:] for digit in others]
    said = "The puzzle has one solution, but with your entries none is left; take one back."
    for entry in bad:
        with pytest.raises(SudokuError, match=f"{said}|stands twice.* The puzzle itself has one solution.$"):
            parse_marked(entry)
        assert mend(entry) is not None
        assert mend(entry)[1] == entry  # type: ignore[index]
    with pytest.raises(SudokuError, match=said):
        parse_marked(bad[0])
    several = parse_marked("a" + "." * 15)
    assert (several.puzzle_unique, several.unique, len(several.warnings)) == (False, False, 1)
