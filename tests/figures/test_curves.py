"""The curves of checkpoints: the numbers that are drawn are the numbers that were measured."""

from __future__ import annotations

from typing import Any

import pytest

from looped.figures.curves import COLOURS, Scored, accuracy_by_loops, learning_curve, loss_curve

SCORES = (
    {"data": "held-out boards, 5 givens", "loops": [4, 8, 16], "accuracy": [0.2, 0.9, 0.95], "n": 1000},
    {"data": "hard.csv", "loops": [8, 16], "accuracy": [0.1, 0.3], "n": 50},
)
PLAIN = Scored("plain", ({"data": "hard.csv", "loops": [6], "accuracy": [0.05], "n": 50},), "layers")
LOG = "step,seconds,loss,asked,held_out_4,held_out_8\n500,10.5,1.2,0.4,0.0,0.005\n1000,21.0,0.8,0.7,0.25,0.5\n"


def lines(figure: Any) -> dict[str, list[tuple[float, float]]]:
    """The points of every line, by its name in the legend."""
    return {line.name: list(zip(line.x, line.y, strict=True)) for line in figure.data}


def marks(figure: Any) -> list[tuple[float, str]]:
    """Where upright lines stand, and what is written above them."""
    words = [note.text for note in figure.layout.annotations]
    return [(shape.x0, word) for shape, word in zip(figure.layout.shapes, words, strict=True)]


def test_every_line_of_many_checkpoints_has_a_look_of_its_own() -> None:
    """More checkpoints than colours, as where a person has trained some beside the shipped ones."""
    figure = accuracy_by_loops([Scored(f"net {k}", SCORES) for k in range(2 * len(COLOURS))], "net 0", 8, "boards")
    looks = {(line.line.color, line.line.dash) for line in figure.data}
    assert len(looks) == len(figure.data) == 4 * len(COLOURS)


def test_every_score_is_a_point_of_the_line_of_its_checkpoint_and_data() -> None:
    figure = accuracy_by_loops([Scored("mine", SCORES), PLAIN], "mine", 8, "boards")
    assert lines(figure) == {
        "mine, held-out boards": [(4, 0.2), (8, 0.9), (16, 0.95)],
        "mine, hard.csv": [(8, 0.1), (16, 0.3)],
        "plain, hard.csv": [(6, 0.05)],
    }
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.xaxis.tickvals) == [4, 6, 8, 16]
    assert figure.layout.yaxis.range == (-0.02, 1.02)
    assert figure.layout.yaxis.title.text == "boards right"
    assert marks(figure) == [(8, "trained")]
    assert figure.layout.annotations[0].x == pytest.approx(0.90309, abs=1e-5)  # log10(8): how Plotly places labels


def test_checkpoints_differ_in_colour_and_data_sets_in_dashes_and_the_chosen_one_is_thick() -> None:
    easy, hard, plain = accuracy_by_loops([Scored("mine", SCORES), PLAIN], "mine", None, "boards").data
    assert (easy.line.color, hard.line.color, plain.line.color) == (COLOURS[0], COLOURS[0], COLOURS[1])
    assert easy.line.dash != hard.line.dash == plain.line.dash
    assert easy.line.width == hard.line.width > plain.line.width
    assert plain.marker.symbol != easy.marker.symbol
    assert "after %{x} layers" in plain.hovertemplate
    assert "after %{x} loops" in easy.hovertemplate
    assert "held-out boards, 5 givens" in easy.hovertemplate


def test_intervals_are_bars_and_the_test_set_and_several_runs_are_told_apart() -> None:
    again = {"tries": 8, "accuracy": [0.95], "interval": [[0.93, 0.97]], "runs": [130], "loops_run": [1040]}
    test = {"data": "new boards, 5 givens", "set": "test", "loops": [8], "accuracy": [0.9], "n": 100}
    scores = (SCORES[1], test | {"interval": [[0.8, 0.95]], "with_tries": again})
    bare, single, several = accuracy_by_loops([Scored("mine", scores)], "mine", 8, "boards").data
    assert (bare.error_y.array, bare.marker.symbol) == (None, "circle")
    assert (single.name, several.name) == ("mine, new boards, test, one run", "mine, new boards, test, up to 8 runs")
    assert (single.marker.symbol, several.marker.symbol) == ("star", "circle-open")
    assert single.error_y.array == pytest.approx([0.05])
    assert single.error_y.arrayminus == pytest.approx([0.1])
    assert several.error_y.array == pytest.approx([0.02])
    assert list(several.y) == [0.95]
    assert list(several.customdata[0]) == [0.93, 0.97, 130, 1040]
    assert "runs of" in several.hovertemplate
    assert single.hovertemplate.endswith("5 givens, test<extra></extra>")
    assert bare.hovertemplate.endswith("hard.csv, validation<extra></extra>")


def test_sizes_of_one_task_have_names_and_looks_of_their_own() -> None:
    """One checkpoint measured on prompts of seven sizes: seven names and looks, and all rows of the legend."""
    sizes = (1, 2, 5, 10, 20, 40, 80)
    scores = [
        {"data": f"prompts, {size} examples, seed 7", "loops": [4, 8], "error": [1 / size, 0.5 / size]}
        for size in sizes
    ]
    figure = accuracy_by_loops([Scored("mine", scores)], "mine", 8, "prompts")
    assert lines(figure) == {f"mine, {size} examples": [(4, 1 / size), (8, 0.5 / size)] for size in sizes}
    assert len({line.line.dash for line in figure.data}) == len(sizes)
    assert len({line.line.color for line in figure.data}) == len(COLOURS)
    assert figure.layout.legend.maxheight >= 20 * len(sizes)


def test_many_checkpoints_still_have_colours_and_dashes() -> None:
    scores = [{"data": f"set {number}", "loops": [1, 2], "accuracy": [0, 1]} for number in range(9)]
    figure = accuracy_by_loops([Scored(f"model {number}", scores) for number in range(9)], "model 1", 2, "boards")
    assert len(lines(figure)) == 81


def test_errors_are_drawn_on_a_logarithmic_axis() -> None:
    sines = Scored("sines", ({"data": "sines", "loops": [1, 2], "error": [0.5, 0.01]},))
    figure = accuracy_by_loops([sines], "sines", 2, "functions")
    assert lines(figure) == {"sines, sines": [(1, 0.5), (2, 0.01)]}
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.title.text == "error of functions"


def test_scores_of_unequal_lengths_are_not_drawn() -> None:
    with pytest.raises(ValueError, match="a score of x has 1 values for 2 numbers of loops"):
        accuracy_by_loops([Scored("x", [{"data": "x", "loops": [4, 8], "accuracy": [0.5]}])], "x", 8, "boards")


def test_the_learning_curve_holds_every_measurement_of_the_log() -> None:
    figure = learning_curve(LOG, [750])
    assert lines(figure) == {"4 loops": [(500, 0.0), (1000, 0.25)], "8 loops": [(500, 0.005), (1000, 0.5)]}
    assert len({line.line.dash for line in figure.data}) == 2  # not by colour alone
    assert marks(figure) == [(750, "stage 2")]
    assert figure.layout.xaxis.title.text == "training step"


def test_a_run_that_was_measured_once_is_a_point() -> None:
    """A line of one point would not be seen."""
    once = LOG.splitlines()[0] + "\n" + LOG.splitlines()[1]
    assert [line.mode for line in (*learning_curve(once).data, *loss_curve(once).data)] == ["markers"] * 3
    assert {line.mode for line in (*learning_curve(LOG).data, *loss_curve(LOG).data)} == {"lines"}


def test_a_standard_transformer_was_measured_after_layers() -> None:
    assert list(lines(learning_curve(LOG, passes="layers"))) == ["4 layers", "8 layers"]


def test_a_stage_that_is_measured_after_other_loops_leaves_gaps() -> None:
    log = "step,loss,held_out_4,held_out_8,held_out_16\n500,1.2,0.1,0.2,\n1000,0.8,,0.3,0.4\n"
    assert lines(learning_curve(log)) == {
        "4 loops": [(500, 0.1)],
        "8 loops": [(500, 0.2), (1000, 0.3)],
        "16 loops": [(1000, 0.4)],
    }


def test_the_loss_curve_holds_every_loss_of_the_log() -> None:
    figure = loss_curve(LOG, [750])
    assert lines(figure) == {"loss": [(500, 1.2), (1000, 0.8)]}
    assert marks(figure) == [(750, "stage 2")]
    assert figure.layout.yaxis.title.text == "loss"


def test_nothing_measured_yet_is_an_empty_chart() -> None:
    assert lines(learning_curve("step\n")) == {}
    assert lines(loss_curve("step\n")) == {"loss": []}
    assert lines(accuracy_by_loops([], "x", 8, "boards")) == {}


@pytest.mark.parametrize("things", ["boards", "pairs of words"])
def test_axes_name_what_is_right(things: str) -> None:
    assert accuracy_by_loops([Scored("x", SCORES)], "x", 8, things).layout.yaxis.title.text == f"{things} right"
    assert learning_curve(LOG, things=things).layout.yaxis.title.text == f"held-out {things} right"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("ground", ["#ffffff", "#0e1117", "#191919"])
def test_lines_can_be_told_from_a_light_and_a_dark_ground(colour: str, ground: str) -> None:
    """A contrast of at least 3 : 1, by the formula of WCAG 2."""

    def luminance(hexadecimal: str) -> float:
        channels = [value / 255 for value in bytes.fromhex(hexadecimal[1:])]
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(colour), luminance(ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 3
