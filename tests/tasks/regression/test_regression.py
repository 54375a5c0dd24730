"""Regression in context: what prompts hold, how they are typed, what other methods make of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from looped import tasks
from looped.tasks.protocol import OFFERS, Task
from looped.tasks.regression.functions import FAMILIES, FORMS, Form
from looped.tasks.regression.prompts import MOST_EXAMPLES, Settings, sample
from looped.tasks.regression.task import kernel_of

every = pytest.mark.parametrize("name", FORMS)


@every
def test_a_task_offers_the_whole_protocol(name: str) -> None:
    task = tasks.get(name)
    offered = {member for member in dir(Task) if not member.startswith("_")} | set(Task.__annotations__)
    assert {member for member in offered if not hasattr(task, member)} == set()
    assert task.offers <= set(OFFERS)
    assert (task.vocab, task.input_kind) == (task.of.dims + 2, "vectors")
    for _, text in task.examples:
        assert len(task.encode(task.parse(text))) <= task.length


@every
def test_values_have_mean_zero_and_variance_one(name: str) -> None:
    _, truth = tasks.get(name).sample(4000, seed=1, split="held-out", examples=2)
    assert abs(truth.mean()) < 0.05
    assert abs(truth.var() - 1) < 0.08


@every
def test_a_prompt_is_examples_then_queries_and_hides_their_values(name: str) -> None:
    task = tasks.get(name)
    prompts, truth = task.sample(5, seed=2, split="train", examples=7)
    asked, targets = task.asked(prompts), task.targets(prompts, truth)
    assert asked.tolist() == [[False] * 7 + [True] * 8] * 5
    assert np.allclose(prompts[:, :7, -2], truth[:, :7])
    assert not prompts[:, 7:, -2].any()
    assert np.array_equal(np.isnan(targets[..., 0]), ~asked)
    assert np.array_equal(task.clues(prompts), ~asked)


def test_seeds_and_sides_are_streams_of_their_own_and_more_examples_are_added() -> None:
    task = tasks.get("linear5")
    one, again = (task.sample(3, seed=5, split="train", examples=6)[0] for _ in range(2))
    assert np.array_equal(one, again)
    for seed, split in ((5, "held-out"), (6, "train"), (5, None)):
        assert not np.isclose(task.sample(3, seed=seed, split=split, examples=6)[0], one)[..., :-2].any()
    few, many = (task.encode(task.parse(f"seed=5 examples={k}")) for k in (6, 9))
    assert np.array_equal(few[:6], many[:6])
    assert np.array_equal(few[6:], many[9:])
    noisy = task.encode(task.parse("seed=5 examples=6 noise=0.5"))
    assert np.array_equal(noisy[:, :-2], few[:, :-2])
    assert not np.isclose(noisy[:6, -2], few[:6, -2]).any()


def test_a_linear_function_is_w_times_x_and_a_sparse_one_has_three_weights() -> None:
    for name, weights in (("linear5", 5), ("sparse20", 3)):
        form = FORMS[name]
        made = sample(form, Settings.of(form, {"examples": 40}), 4, seed=3)
        for prompt, truth in zip(made.prompts, made.truth, strict=True):
            found = np.linalg.lstsq(prompt[:, :-2], truth, rcond=None)[0]
            assert (np.abs(found) > 1e-4).sum() == weights


def test_a_tree_has_at_most_as_many_values_as_leaves_and_asks_for_signs() -> None:
    task = tasks.get("tree5")
    prompts, truth = task.sample(6, seed=3, split=None, examples=200)
    assert set(np.unique(prompts[..., :-2])) == {-1.0, 1.0}
    assert all(1 < len(np.unique(values)) <= 2**3 for values in truth)
    scaled = task.sample(6, seed=3, split=None, examples=200, scale=3.0)[1]
    assert np.array_equal(scaled, truth)


def test_a_tree_by_hand() -> None:
    parameters = {"tested": np.array([[0, 1, 1]]), "leaves": np.array([[1.0, 2.0, 3.0, 4.0]])}
    x = np.array([[[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]])
    assert FAMILIES["tree"].value(x, parameters).tolist() == [[1.0, 2.0, 3.0, 4.0]]


def test_a_relu_network_of_many_numbers_is_straight_along_rays() -> None:
    parameters = FAMILIES["network"].draw(np.random.default_rng(0), 2, FORMS["relu5"])
    x = np.random.default_rng(1).standard_normal((2, 3, 5))
    value = FAMILIES["network"].value
    assert np.allclose(value(2 * x, parameters), 2 * value(x, parameters))


@pytest.mark.parametrize("curve", ["smooth", "sines", "steps"])
def test_a_kind_of_curve_can_be_asked_for(curve: str) -> None:
    task = tasks.get("curves1")
    _, truth = task.sample(20, seed=0, split=None, examples=300 - 8 - 42, curve=curve)
    levels = np.array([len(np.unique(values)) for values in truth])
    assert (levels <= 6).all() if curve == "steps" else (levels > 100).all()


def settings(name: str, **given: object) -> tuple[np.ndarray, np.ndarray]:
    task = tasks.get(name)
    return task.sample(400, seed=8, split=None, **given)


def test_scale_skew_quadrant_and_queries() -> None:
    plain, y = settings("linear5", examples=4)
    assert np.allclose(settings("linear5", examples=4, scale=2.0)[0][..., :5], 2 * plain[..., :5])
    assert np.allclose(settings("linear5", examples=4, wscale=3.0)[1], 3 * y)
    skewed = settings("linear5", examples=4, skew=1.0)[0][..., :5]
    sizes = skewed.std((0, 1)) / plain[..., :5].std((0, 1))
    assert np.allclose(sizes / sizes[0], 1 / np.arange(1, 6), atol=1e-5)
    assert np.allclose(np.square(sizes).sum(), 5)
    apart = settings("linear5", examples=4, quadrant=1)[0][..., :5]
    assert (np.abs(np.sign(apart[:, :4]).sum(1)) == 4).all()
    orthogonal = settings("linear5", examples=4, query="orthogonal")[0][..., :5]
    assert np.abs(orthogonal[:, 4:] @ orthogonal[:, :4].transpose(0, 2, 1)).max() < 1e-4
    on = settings("linear5", examples=4, query="example")[0][..., :5]
    assert (np.abs(on[:, 4:, None] - on[:, None, :4]).sum(-1).min(-1) == 0).all()
    few, _ = settings("linear20", examples=30, nonzero=2)
    found = np.linalg.lstsq(few[0, :30, :20], few[0, :30, -2], rcond=None)[0]
    assert (np.abs(found) > 1e-4).sum() == 2


TYPED = {
    "rows": ("curves1", "1 2; 0.5,1\n-1 ?", "1 2; 0.5 1; -1 ?"),
    "a header": ("curves1", "x,y\n1,2\n", "1 2"),
    "columns parted by semicolons": ("curves1", "x;y\n-0.5;1\n2;?\n", "-0.5 1; 2 ?"),
    "decimal commas": ("curves1", "-0,5;1\n0,25;2,5", "-0.5 1; 0.25 2.5"),
    "two rows a line": ("curves1", "1 2; 3 4\n5 6; 7 8", "1 2; 3 4; 5 6; 7 8"),
    "semicolons of a row each": ("curves1", "1,2;3,4", "1 2; 3 4"),
    "three decimals": ("curves1", "0.123456 -0.0001", "0.123 0"),
    "nothing": ("curves1", "", ""),
    "settings": ("linear5", " examples=3, seed=9 ; noise = 0.50", "seed=9 examples=3 noise=0.5"),
    "usual": ("linear5", "seed=1 scale=1", "seed=1 examples=20"),
    "a curve": ("curves1", "seed=2 examples=0 curve=steps", "seed=2 examples=0 curve=steps"),
}


@pytest.mark.parametrize("case", TYPED)
def test_what_is_typed_is_written_and_read_back(case: str) -> None:
    name, text, written = TYPED[case]
    task = tasks.get(name)
    parsed = task.parse(text)
    assert parsed.text == written
    assert task.parse(written) == parsed
    assert np.array_equal(task.encode(task.parse(written)), task.encode(parsed))


WRONG = {
    "too few numbers": ("linear5", "1 2 3", "Row 1 has 3 numbers; this model reads 5 of x, then y"),
    "words": ("curves1", "hello", "'hello' is no prompt: write rows of numbers, x and then y"),
    "a header alone": ("linear5", "x1,x2,x3,x4,x5,y", "'x1,x2,x3,x4,x5,y' is no prompt"),
    "a header of others": ("curves1", "name\n1 2", "is no prompt"),
    "a word": ("curves1", "1 2; 3 b", "Row 2 holds 'b'"),
    "too large": ("curves1", "1 2000", "numbers go from -1000 to 1000"),
    "no query": ("linear5", "1 2 3 4 5 6", "Nothing is asked: add rows whose y is '?'"),
    "a wrong name": ("linear5", "seed=1 nose=2", "'nose' is not a setting of a prompt"),
    "half a setting": ("linear5", "seed=1 examples", "'examples' is not a setting"),
    "not whole": ("linear5", "examples=2.5", "examples is '2.5'; it must be a whole number"),
    "not finite": ("linear5", "noise=inf", "noise is 'inf'; it must be a number"),
    "no variance": ("linear5", "examples=5 wscale=0", "wscale is 0; it must be from 0.01 to 10"),
    "one place": ("linear5", "examples=5 scale=0", "scale is 0; it must be from 0.01 to 10"),
    "too many": ("curves1", f"examples={MOST_EXAMPLES + 1}", f"a prompt has from 0 to {MOST_EXAMPLES}"),
    "orthogonal to too many": ("linear5", "examples=9 query=orthogonal", "Nothing is orthogonal to 9 examples"),
    "on no example": ("linear5", "examples=0 query=example", "no example that a query could lie on"),
    "a query elsewhere": ("curves1", "query=example", "a grid; leave out query"),
    "a curve of a line": ("linear5", "curve=steps", "'curve' is not a setting"),
    "a seed below zero": ("linear5", "seed=-1", "seed is -1"),
    "too long": ("curves1", "1 1;" * 20_000, "a prompt has at most"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_prompt_is_refused_in_one_sentence(case: str) -> None:
    name, text, message = WRONG[case]
    with pytest.raises(ValueError, match=r"(?s).*") as caught:
        tasks.get(name).parse(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


BEYOND = {
    "in training": ("curves1", "-2 1; 2 9", ""),
    "an example": ("curves1", "1 2; 3 4", "Training used x from -2 to 2; x = 3 is beyond that."),
    "a query": ("curves1", "1 2; -2.5 ?", "Training used x from -2 to 2; x = -2.5 is beyond that."),
    "a surface": ("relu2", "1 2.1 0", "Training used x from -2 to 2; x2 = 2.1 is beyond that."),
    "no sign": ("tree5", "1 -1 1 0.5 1 0; 1 1 1 1 1 ?", "Training used no x but 1 and -1; x4 = 0.5 is beyond that."),
    "many": ("curves1", "1 2;" * 31, "Training used at most 30 examples; 31 are beyond that."),
    "any number": ("linear5", "9 9 9 9 9 9; 1 1 1 1 1 ?", ""),
}


@pytest.mark.parametrize("case", BEYOND)
def test_typed_rows_beyond_training_are_said_to_be(case: str) -> None:
    name, text, said = BEYOND[case]
    assert " ".join(tasks.get(name).parse(text).warnings) == said


@pytest.mark.parametrize(
    ("name", "text", "low", "high"),
    [
        ("curves1", "1 2; 3 4", -2, 3),
        ("curves1", "1 2", -2, 2),
        ("curves1", "-7 1; 0 ?", -7, 2),
        ("relu2", "1 -4 0", -4, 2),
        ("relu2", "seed=1 examples=3 scale=3", -6, 6),
        ("curves1", "seed=1 examples=3 scale=0.5", -1, 1),
    ],
)
def test_what_is_drawn_holds_every_point_and_the_grid_goes_all_over_it(
    name: str, text: str, low: float, high: float
) -> None:
    task = tasks.get(name)
    parsed = task.parse(text)
    assert task.facts(parsed)["range"] == [low, high]
    vectors = task.encode(parsed)
    asked = vectors[vectors[:, -1] > 0, :-2]
    if "?" not in text:
        assert [asked.min(), asked.max()] == [low, high]


def test_typed_points_of_one_and_two_dimensions_get_a_grid_of_queries() -> None:
    curve = tasks.get("curves1")
    vectors = curve.encode(curve.parse("1 2; 0 1"))
    assert vectors.shape == (63, 3)
    assert np.allclose(vectors[2:, 0], np.linspace(-2, 2, 61))
    surface = tasks.get("relu2")
    assert surface.encode(surface.parse("1 2 0.5")).shape == (226, 4)


def test_what_the_page_is_told() -> None:
    task = tasks.get("curves1")
    parsed = task.parse("seed=3 examples=12")
    facts, vectors = task.facts(parsed), task.encode(parsed)
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["example_count"], facts["dims"], facts["judged"]) == (12, 1, False)
    assert facts["sampled"]["seed"] == 3
    layout = task.layout(vectors)
    assert [len(row) for row in layout.rows] == [12, 61]
    assert (layout.names[2], layout.names[12], layout.cell) == ("example 3", "query 1", 12 + 30)
    arrays = task.extras(vectors, np.zeros((1, 73, 1)), task.beside(parsed))
    assert arrays["truth"].shape == (61,)
    other_process = tasks.makers()["curves1"]()  # nothing is remembered: the text says what is known
    again = other_process.extras(vectors, np.zeros((1, 73, 1)), parsed.text)
    assert np.array_equal(again["truth"], arrays["truth"])
    assert np.isfinite(arrays["truth"]).all()
    assert arrays["method_predictions"].shape == (len(facts["methods"]), 61)
    typed = task.parse("0 1; 1 ?")
    assert (task.facts(typed)["sampled"], task.beside(typed)) == (None, "")
    assert np.isnan(task.extras(task.encode(typed), np.zeros((1, 2, 1)))["truth"]).all()
    assert task.decode(task.encode(typed), np.array([[0.0], [0.25]])) == "1 -> 0.25"


@pytest.mark.parametrize(("name", "best"), [
    ("linear5", "Bayes-optimal"),
    ("sparse20", "lasso, penalty 0.01"),
    ("curves1", "Gaussian process"),
])  # fmt: skip
def test_the_method_made_for_a_family_is_best_at_it(name: str, best: str) -> None:
    task = tasks.get(name)
    examples = {"linear5": 10, "sparse20": 15, "curves1": 15}[name]
    given = {"curve": "smooth"} if name == "curves1" else {}
    prompts, truth = task.sample(40, seed=4, split="held-out", examples=examples, **given)
    errors = task.method_errors(prompts, truth)
    assert min(errors, key=errors.__getitem__) == best
    assert errors[best] < 0.15


def test_trees_fit_what_trees_made() -> None:
    task = tasks.get("tree5")
    prompts, truth = task.sample(10, seed=4, split="held-out", examples=40)
    errors = task.method_errors(prompts, truth)
    assert max(errors["greedy decision tree"], errors["gradient boosting"]) < errors["3 nearest neighbours"]


def test_methods_without_examples_answer_zero() -> None:
    task = tasks.get("tree5")
    prompts, truth = task.sample(3, seed=4, split=None, examples=0)
    assert set(task.method_errors(prompts, truth).values()) == {1.0}


def test_a_form_knows_its_variance() -> None:
    for name, given in (("linear5", {"scale": 2.0, "wscale": 2.0}), ("tree5", {"scale": 2.0, "wscale": 2.0})):
        form: Form = FORMS[name]
        wanted = Settings.of(form, given)
        truth = sample(form, wanted, 3000, seed=1).truth
        assert abs(truth.var() / wanted.variance(form) - 1) < 0.08


def test_numbers_for_probes_are_those_of_least_squares_and_the_control_predicts_nothing() -> None:
    task = tasks.get("linear5")
    inputs, answers = task.sample(200, seed=1, examples=12)
    numbers, control = task.probe_numbers(inputs), task.probe_numbers(inputs, control=True)
    queries = inputs[:, 12:, :5]
    for found, near in ((numbers["weights"], True), (control["weights"], False)):
        said = np.einsum("nqd,nd->nq", queries, found)
        error = np.square(said - answers[:, 12:]).mean() / np.square(answers[:, 12:]).mean()
        assert (float(error) < 1e-6) is near
    assert {name: values.shape for name, values in control.items()} == {"moments": (200, 5), "weights": (200, 5)}
    with pytest.raises(ValueError, match="tree5 has no numbers for probes"):
        tasks.get("tree5").probe_numbers(inputs)


def test_a_family_without_a_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no kernel for functions of the family 'spline'"):
        kernel_of(Form("spline", 2, 8))


@every
def test_queries_typed_behind_a_seed_are_asked_of_its_function(name: str) -> None:
    """The examples stay to the bit, an unchanged query keeps its true value, and a query at an example has its y."""
    task = tasks.get(name)
    sampled = task.parse("seed=7 examples=6 noise=0")
    inputs, truth = task.encode(sampled), task.told_answers(sampled)
    assert truth is not None
    shown = inputs[:6, :-2].astype(float).round(3)
    typed = task.parse(f"{sampled.text}; {'; '.join(' '.join(f'{x:.3f}' for x in row) + ' ?' for row in shown)}")
    assert task.parse(typed.text) == typed
    assert (typed.seed, typed.settings) == (7, sampled.settings)
    found, told = task.encode(typed), task.told_answers(typed)
    assert told is not None
    assert np.array_equal(found[:6], inputs[:6])
    assert np.array_equal(told[:6], truth[:6])
    np.testing.assert_allclose(found[6:, :-2], shown, atol=1e-6)
    np.testing.assert_allclose(told[6:], truth[:6], atol=0.02)  # x is written with three decimals
    extras = task.extras(found, np.zeros((1, len(found), 1)), task.beside(typed))
    assert np.array_equal(extras["truth"], told[6:])


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("1 -1 ?", "Row 1 has 3 numbers"),
        ("1 1 1 1 1 0.5", "'1 1 1 1 1 0.5' is not a setting"),
        ("; ".join(["1 1 1 1 1 ?"] * 500), "There are 40 examples and 500 queries; a prompt has at most 512 rows"),
    ],
)
def test_rows_that_cannot_stand_behind_a_seed_have_their_sentence(rows: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        tasks.get("tree5").parse(f"seed=7 examples=40; {rows}")
