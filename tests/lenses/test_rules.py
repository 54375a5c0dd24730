"""Attention by rule: against attention that is known, sums written out, and the geometry of the task."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.rules import conflicts, most_lift, neighbours, rule_shares
from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.geometry import BOXES, peers, rows_columns_boxes, units
from looped.tasks.sudoku.rules import attention_rules as sudoku_rules

RNG = np.random.default_rng(0)


def attention_of(loops: int, layers: int, heads: int, n: int) -> np.ndarray:
    raised = RNG.exponential(size=(loops, layers, heads, n, n))
    return raised / raised.sum(-1, keepdims=True)


@pytest.mark.parametrize("size", [4, 6, 9])
def test_the_rules_of_a_sudoku_are_its_geometry(size: int) -> None:
    rules = sudoku_rules(size)
    assert list(rules) == ["row", "column", "box", "self", "non-peers"]
    places, own = rows_columns_boxes(size), np.eye(size * size, dtype=bool)
    for kind, name in enumerate(("row", "column", "box")):
        np.testing.assert_array_equal(rules[name], (places[:, None, kind] == places[None, :, kind]) & ~own)
    np.testing.assert_array_equal(rules["row"] | rules["column"] | rules["box"], peers(size))
    np.testing.assert_array_equal(rules["non-peers"], ~peers(size) & ~own)
    np.testing.assert_array_equal(rules["self"], own)


def test_same_digit_joins_equal_digits_and_never_blanks_or_a_cell_with_itself() -> None:
    digits = np.array([[1, 2, 0, 1] * 4, [0, 3, 3, 0] * 4])
    both = sudoku_rules(4, digits)["same digit"]
    assert both.shape == (2, 16, 16)
    for t in range(2):
        for i in range(16):
            assert np.flatnonzero(both[t, i]).tolist() == [
                j for j in range(16) if j != i and digits[t, i] == digits[t, j] != 0
            ]
    np.testing.assert_array_equal(sudoku_rules(4, digits[1])["same digit"], both[1])


def test_violated_are_the_cells_that_break_a_rule_in_the_state_that_a_loop_reads() -> None:
    """Two ones in the first row after the first loop: the second loop can look at them, the third no longer."""
    digits = np.zeros((3, 16), np.int64)
    digits[0, [0, 2, 9]] = 1, 1, 2
    digits[1, [0, 9]] = 1, 2
    violated = sudoku_rules(4, digits)["violated"]
    assert [np.flatnonzero(violated[t].any(0)).tolist() for t in range(3)] == [[], [0, 2], []]
    assert np.flatnonzero(violated[1, 0]).tolist() == [2]  # never at itself
    assert np.flatnonzero(violated[1, 9]).tolist() == [0, 2]
    assert "violated" not in sudoku_rules(4, digits[0])  # one board alone was not read by a loop


def test_a_share_is_the_mean_over_positions_of_the_attention_to_what_the_rule_names() -> None:
    attention, rules = attention_of(3, 2, 4, 16), sudoku_rules(4, RNG.integers(5, size=(3, 16)))
    for chosen in (None, np.array([5]), np.array([1, 2, 9]), np.arange(16) < 7):
        shares = rule_shares(attention, rules, chosen)
        assert shares.names == tuple(rules)
        rows = range(16) if chosen is None else np.arange(16)[chosen].tolist()
        for r, rule in enumerate(rules.values()):
            for t in range(3):
                member = rule if rule.ndim == 2 else rule[t]
                for layer in range(2):
                    for head in range(4):
                        wanted = np.mean([attention[t, layer, head, i][member[i]].sum() for i in rows])
                        assert shares.mass[r, t, layer, head] == pytest.approx(wanted)
                assert shares.even[r, t] == pytest.approx(np.mean([member[i].sum() / 16 for i in rows]))


def test_even_attention_is_the_baseline() -> None:
    shares = rule_shares(np.full((2, 1, 3, 81, 81), 1 / 81), sudoku_rules(9, np.arange(81) % 10), np.array([0, 40, 77]))
    np.testing.assert_allclose(shares.mass, np.broadcast_to(shares.even[:, :, None, None], shares.mass.shape))
    assert shares.even[shares.names.index("row")].tolist() == pytest.approx([8 / 81] * 2)
    assert shares.even[shares.names.index("non-peers")].tolist() == pytest.approx([60 / 81] * 2)


def test_a_head_that_looks_at_one_thing_only_has_all_its_mass_there() -> None:
    rules = sudoku_rules(4)
    attention = np.stack([rule / rule.sum(-1, keepdims=True) for rule in rules.values()])[
        None, None
    ]  # one head for each rule
    mass = rule_shares(attention, rules).mass[:, 0, 0]
    assert np.diag(mass).tolist() == pytest.approx([1] * 5)
    assert mass[0, 1] == 0  # other cells of the row are never in the column
    assert mass[0, 2] == pytest.approx(1 / 3)  # one of the three others of a box shares the row


def test_rules_that_share_out_all_positions_add_up_to_one() -> None:
    rules = sudoku_rules(6)
    peer = rules["row"] | rules["column"] | rules["box"]
    shares = rule_shares(
        attention_of(2, 1, 2, 36), {"peers": peer, "self": rules["self"], "non-peers": rules["non-peers"]}
    )
    np.testing.assert_allclose(shares.mass.sum(0), 1)
    np.testing.assert_allclose(shares.even.sum(0), 1)


def test_a_causal_model_has_the_baseline_of_what_it_can_see() -> None:
    visible = np.tri(4, dtype=bool)
    shares = rule_shares(
        (visible / visible.sum(-1, keepdims=True))[None, None, None], {"self": np.eye(4, dtype=bool)}, visible=visible
    )
    assert shares.even.item() == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert shares.mass.item() == pytest.approx(shares.even.item())


def test_what_does_not_fit_is_refused() -> None:
    attention = attention_of(2, 1, 1, 4)
    for rule in (np.eye(3, dtype=bool), np.eye(4), np.ones((3, 4, 4), bool)):
        with pytest.raises(ValueError, match="rule 'mine' must be bool of shape"):
            rule_shares(attention, {"mine": rule})
    with pytest.raises(ValueError, match="attention must be"):
        rule_shares(attention[0], {})
    with pytest.raises(ValueError, match="no position is chosen"):
        rule_shares(attention, {}, np.zeros(4, bool))
    with pytest.raises(ValueError, match="visible must be"):
        rule_shares(attention, {"self": np.eye(4, dtype=bool)}, visible=np.ones((2, 4, 4), bool))


def test_the_most_lift_of_each_head_and_of_all() -> None:
    rules = {name: RNG.random((5, 5)) < 0.3 for name in "abc"}
    shares = rule_shares(attention_of(3, 2, 4, 5), rules)
    found = most_lift(shares)
    assert found.shape == (3, 2, 5, 2)
    for t, layer in np.ndindex(3, 2):
        lift = shares.mass[:, t, layer] - shares.even[:, t, None]  # (rules, heads)
        for head in range(4):
            best = int(lift[:, head].argmax())
            assert found[t, layer, head].tolist() == ([head, best] if lift[best, head] > 0 else [-1, -1])
        rule, head = np.unravel_index(lift.argmax(), lift.shape)
        assert found[t, layer, 4].tolist() == [head, rule]


def test_even_attention_lifts_nothing() -> None:
    assert (most_lift(rule_shares(np.full((1, 1, 2, 9, 9), 1 / 9), {"self": np.eye(9, dtype=bool)})) == -1).all()


@pytest.mark.parametrize("size", BOXES)
def test_conflicts_are_tokens_that_stand_twice_in_a_group(size: int) -> None:
    (board,) = generate(1, size, size * size, seed=2)[1]
    assert not conflicts(board, units(size)).any()
    assert not conflicts(np.zeros(size * size, int), units(size)).any()  # blanks are no conflict
    boards = RNG.integers(size + 1, size=(3, size * size))
    together = peers(size)
    for marks, row in zip(conflicts(boards, units(size)), boards, strict=True):
        for i, digit in enumerate(row):
            twice = any(digit and together[i, j] and i != j and row[j] == digit for j in range(size * size))
            assert marks[i] == twice


@pytest.mark.parametrize("size", BOXES)
def test_neighbours_share_a_group(size: int) -> None:
    found = neighbours(units(size), size * size)
    np.testing.assert_array_equal(found, peers(size).astype(bool) | np.eye(size * size, dtype=bool))
    assert neighbours(np.zeros((0, 2), int), 3).tolist() == np.eye(3, dtype=bool).tolist()  # in no group
