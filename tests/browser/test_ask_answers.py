"""The numbers of the panels and the answers to long questions are the library's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from asked import CELL, LONG, LOOP, LOOPS, A, ask, library, name, settled, short, show, small, words_of
from hands import GENTLE4, rows_of, saved
from library import run

from looped.catalogue import checkpoints
from looped.lenses.fixed_point import steps
from looped.lenses.halting import RULES, halting
from looped.lenses.readout import whole
from looped.lenses.rollout import traced
from looped.lenses.rules import rule_shares
from looped.lenses.timestep import encodings
from looped.lenses.trajectory import distances, trajectory
from looped.questions import BOARDS, RUNS, TEMPERATURES
from looped.tasks.sudoku.rules import attention_rules as sudoku_rules

if TYPE_CHECKING:
    from conftest import Scope


def test_numbers_of_the_panels_are_the_library_s(scope: Scope) -> None:
    """The CSV of what a trace holds against the lenses, every loop of it."""
    small(scope, "rules", "flow", "whole", "distances", "orbits", "fixed", "encoding", "exits")
    settled(scope, "flow")
    found, loops = run(A, GENTLE4, LOOPS), np.arange(1, LOOPS + 1)
    trace, blank, close = found.trace, found.trace.tokens == 0, {"rtol": 3e-3, "atol": 1e-3}

    columns, rows = rows_of(saved(scope, "flow", "CSV"))
    assert columns[:2] == ["loop", f"rollout of row {CELL // 4 + 1}, column {CELL % 4 + 1} from row 1, column 1"]
    flow, _ = traced(checkpoints.load_checkpoint(A).model, trace)
    np.testing.assert_allclose(rows[:, 1:], flow[:, CELL], **close)

    _, rows = rows_of(saved(scope, "rules", "CSV"))
    shares = rule_shares(trace.attention, sudoku_rules(4, found.digits), blank)
    np.testing.assert_allclose(rows[:, 3], shares.mass[:, :, 0].reshape(-1), **close)
    np.testing.assert_allclose(rows[:, 4], np.repeat(shares.even.reshape(-1), trace.attention.shape[2]), **close)

    columns, rows = rows_of(saved(scope, "whole", "CSV"))
    read = whole(trace.logits, blank)
    np.testing.assert_allclose(
        rows, np.column_stack([loops, read.entropy, read.rank, read.flips, read.settled]), **close
    )

    _, rows = rows_of(saved(scope, "distances", "CSV"))
    np.testing.assert_allclose(rows[:, 1:], distances(trace.hidden), **close)

    _, rows = rows_of(saved(scope, "orbits", "CSV"))
    points = trajectory(trace.hidden, 6).points[:, CELL]
    np.testing.assert_allclose(rows[:, 1:], points, rtol=1e-3, atol=1e-3 * float(np.abs(points).max()))

    _, rows = rows_of(saved(scope, "fixed", "CSV"))
    moved = steps(trace.hidden)
    np.testing.assert_allclose(
        rows, np.column_stack([loops, moved.cosine, moved.contraction, moved.two_loops]), **close
    )

    _, rows = rows_of(saved(scope, "encoding", "CSV"))
    vectors = encodings(checkpoints.load_checkpoint(A).model, list(range(LOOPS)))
    assert vectors is not None
    units = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    np.testing.assert_allclose(rows[:LOOPS, 2:], units @ units.T, atol=2e-3)

    _, rows = rows_of(saved(scope, "exits", "CSV"))
    stops = halting(trace.hidden, trace.logits, found.right, blank)
    assert len(rows) == len(RULES)
    np.testing.assert_array_equal(rows[:, 5], stops.exit)


def test_answers_are_the_library_s(scope: Scope) -> None:
    """Every long question: its sentence and its CSV say the numbers of `looped.questions` for the same board, cell and
    loop."""
    small(scope, *LONG)

    answer = library("cells")
    ask(scope, "effect", LONG["effect"]["cells"])
    margin, at = answer["arrays"]["margin"], answer["arrays"]["at"]
    worst = int(np.nanargmin(margin))
    turned = int((answer["arrays"]["changed"] > 0).sum())
    said = words_of(scope, "effect")
    assert (
        f"For the {answer['meta']['answer']} in {name(CELL)} the worst of {np.isfinite(margin).sum()} changes" in said
    )
    assert (
        f"putting {name(worst % 16)} back after loop {at[worst // 16]}: "
        f"its margin moved by {short(float(margin.flat[worst]))}." in said
    )
    assert (f"{turned} change" in said) == (turned > 0)
    _, rows = rows_of(saved(scope, "effect", "CSV"))
    np.testing.assert_allclose(rows[:, 2], margin.reshape(-1), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(rows[:, 4], answer["arrays"]["changed"].reshape(-1))

    show(scope, "effect", "heads")
    ask(scope, "effect", LONG["effect"]["heads"])
    _, rows = rows_of(saved(scope, "effect", "CSV"))
    np.testing.assert_allclose(rows[:, 2], library("heads")["arrays"]["margin"].reshape(-1), rtol=1e-3, atol=1e-3)

    answer = library("clues")
    ask(scope, "clues", LONG["clues"][""])
    meta, strongest = answer["meta"], int(np.nanargmax(answer["arrays"]["clues"][0]))
    said = words_of(scope, "clues")
    assert (
        f"For the {meta['token']} in {name(CELL)} after {LOOP} loops the evidence, log₂ of its odds, is "
        f"{short(meta['output'])} bits; without clues it is {short(meta['baseline'])}. Gradients share this "
        f"difference of {short(meta['output'] - meta['baseline'])} bits out" in said
    )
    assert f" bits, to the {GENTLE4[strongest]} in {name(strongest)}. " in said
    _, rows = rows_of(saved(scope, "clues", "CSV"))
    np.testing.assert_allclose(
        rows[:, 2:].T, answer["arrays"]["clues"][:, [digit != "." for digit in GENTLE4]], rtol=1e-2, atol=1e-2
    )

    answer = library("temperature")
    ask(scope, "temperature", LONG["temperature"][""])
    good = [
        f"{temperature:g}"
        for temperature, right in zip(TEMPERATURES, answer["arrays"]["right"][:, -1], strict=True)
        if right
    ]
    assert f"is right at temperatures {', '.join(good)}." in words_of(scope, "temperature")
    _, rows = rows_of(saved(scope, "temperature", "CSV"))
    np.testing.assert_allclose(rows[:, 2], answer["arrays"]["same"].reshape(-1), atol=1e-3)
    np.testing.assert_array_equal(rows[:, 3], answer["arrays"]["right"].reshape(-1))

    for mode, question in (("turns", "turns"), ("noise", "noise")):
        answer = library(question)
        show(scope, "basins", mode)
        ask(scope, "basins", LONG["basins"][mode])
        ends, meta = len(answer["arrays"]["sizes"]), answer["meta"]
        assert words_of(scope, "basins").startswith(
            f"{RUNS} runs end in {ends} answer{'s' * (ends > 1)}; "
            + (f"{meta['right']} run{' is' if meta['right'] == 1 else 's are'}" if meta["right"] else "no run is")
            + " right"
        )
        _, rows = rows_of(saved(scope, "basins", "CSV"))
        sizes = answer["arrays"]["sizes"]
        np.testing.assert_array_equal(rows[: len(sizes), 1], sizes)
        np.testing.assert_allclose(rows[len(sizes) :, 3], answer["arrays"]["agreement"], atol=1e-3)

    answer = library("exits")
    show(scope, "exits", "boards")
    ask(scope, "exits", LONG["exits"]["boards"])
    share = float(answer["arrays"]["fixed"][-1])
    assert re.match(
        rf"{BOARDS} held-out boards with {answer['meta']['data']}: "
        rf"(> 99|{round(100 * share)}) % right after {LOOPS} loops",
        words_of(scope, "exits"),
    )
    file = saved(scope, "exits", "CSV")
    columns, rows = rows_of(file)
    np.testing.assert_allclose(rows[:LOOPS, 2], answer["arrays"]["fixed"], atol=1e-6)
    assert columns[-1] == "run on"  # so that anybody can run the same
    assert file.read_text("utf-8").count(answer["meta"]["inputs"]) == len(rows)

    answer = library("spectrum")
    ask(scope, "fixed", LONG["fixed"][""])
    radius, most = answer["arrays"]["radius"][:, LOOP - 1]
    settled = answer["arrays"]["settled"][:, LOOP - 1]
    long, once = short(float(radius)), short(float(most))
    verb = "grow" if radius > 1 else "shrink" if settled[0] else "change"
    factor = f"{'' if settled[0] else 'at least '}{long}"
    reach = f"{once} {'at most' if settled[1] else 'or more'} (its Lipschitz constant)"
    assert (
        f"If every loop were loop {LOOP}, a tiny difference would {verb} by a factor of {factor} a loop in the long "
        f"run; one loop stretches it by {reach}." in words_of(scope, "fixed")
    )
    _, rows = rows_of(saved(scope, "fixed", "CSV"))
    np.testing.assert_allclose(rows[:, [4, 6]], answer["arrays"]["radius"].T, rtol=1e-3)

    columns = {"lyapunov": ("local", 3), "linear": ("error", 1), "recovery": ("distance", 3)}
    columns |= {"calibration": ("error", 1), "resting": ("lost", 1)}
    for panel, (array, column) in columns.items():
        answer = library(panel)
        ask(scope, panel, next(iter(LONG[panel].values())))
        _, rows = rows_of(saved(scope, panel, "CSV"))
        unit = 100 if panel == "calibration" else 1  # points, as its sentence has them
        np.testing.assert_allclose(rows[:, column], unit * answer["arrays"][array].ravel(), rtol=1e-2, atol=1e-3)
        words_of(scope, panel)
    restless, (_, kinds) = answer["arrays"]["table"][1].sum(), answer["meta"]["verdicts"]
    counted = f" ({', '.join(f'{kind} {many}' for kind, many in kinds)})" if restless else ""
    assert f"{restless or 'none'} not at rest{counted}" in words_of(scope, "resting")
    ask(scope, "locality", LONG["locality"][""])
    assert (
        f"at {name(CELL)}, each in a run of its own from the first loop on, compared after loop {LOOP}: "
        in words_of(scope, "locality")
    )
    _, rows = rows_of(saved(scope, "locality", "CSV"))
    reached = library("locality")["arrays"]
    drawn = np.concatenate([reached["mean"][1:].ravel(), reached["change"][1:].ravel()])
    np.testing.assert_allclose(rows[:, 2], drawn, rtol=1e-3, atol=1e-5)
    ask(scope, "similarity", LONG["similarity"][""])
    _, rows = rows_of(saved(scope, "similarity", "CSV"))
    np.testing.assert_allclose(rows[1:, 2:], library("similarity")["arrays"]["cka"][1:, 1:], rtol=1e-2, atol=1e-3)

    answer = library("probes")
    ask(scope, "probes", LONG["probes"]["candidates"])
    said, meta = words_of(scope, "probes"), answer["meta"]
    assert f"Fitted to {meta['fitted']} other boards, after" in said
    assert f"of the yes-or-no decisions (one for each digit and blank) of {meta['held_out']} more" in said
    _, rows = rows_of(saved(scope, "probes", "CSV"))
    np.testing.assert_allclose(rows[:, 1], answer["arrays"]["accuracy"][0], atol=1e-3)
