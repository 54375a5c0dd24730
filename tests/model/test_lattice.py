"""A search around a looped net: what the rules do with sets, and that a run is what `unroll` says."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from looped import tasks
from looped.model import registry, seam
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.lattice import CONFLICT, Lattice, LatticeConfig, chosen_by, nth
from looped.runs.trace import record, replay
from looped.training.losses import loss_over_window

SMALL: dict[str, Any] = {"box": (2, 2), "width": 8, "contests": 2, "hidden": 8}
TASK = tasks.get("sudoku4")


def make(kind: type[Lattice] = Lattice, **settings: Any) -> Lattice:
    """A small net with random heads, which removes and guesses and sees conflicts."""
    torch.manual_seed(0)
    net = kind(LatticeConfig("lattice", 4, **({"round": 2} | SMALL | settings)))
    with torch.no_grad():
        for head in (net.stays, net.clash):
            head.weight.normal_(std=0.5)
    return net.eval().requires_grad_(False)


def boards(count: int, givens: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    inputs, answers = TASK.sample(count, seed=seed, givens=givens)
    return inputs.astype(np.int64), answers.astype(np.int64)


def run(net: Lattice, inputs: np.ndarray, loops: int) -> list[seam.State]:
    return list(net.unroll(torch.as_tensor(inputs), loops))


def true(answers: np.ndarray) -> Tensor:
    """Which candidates are right: (boards, candidates)."""
    return torch.nn.functional.one_hot(torch.as_tensor(answers) - 1, 4).bool().flatten(1)


class Knowing(Lattice):
    """Perfect heads: they are told the solutions."""

    right: Tensor

    def heads(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        return torch.where(self.right, 9.0, -9.0), torch.full((len(hidden), 1), -9.0)


class Reasoning(Lattice):
    """Heads that know the rule of the rows alone: they remove what a single candidate excludes; 1 is guessed first."""

    def flags(self, removed: Tensor, like: Tensor) -> Tensor:
        self.left = removed < 0
        return super().flags(removed, like)

    def heads(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        n = self.config.size
        cells = self.by_cell(self.left)
        alone = (cells & (cells.sum(-1, keepdim=True) == 1)).reshape(len(cells), n, n, n, 1).float()
        _, rows, *_ = self.layers[0].groups(alone)  # type: ignore[operator]
        told = ((rows - alone) > 0).flatten(1)
        return torch.where(told, -9.0, 9.0), torch.full((len(hidden), 1), -9.0)

    def readout(self, hidden: Tensor) -> Tensor:
        least = -torch.arange(self.outputs, dtype=hidden.dtype)
        return least.expand(*hidden.shape[:-2], self.config.size**2, self.outputs)


# --------------------------------------------------------------------------------------------------- what the net reads


def test_before_the_first_round_the_net_reads_what_it_reads_without_a_search() -> None:
    net, inputs = make(), torch.as_tensor(boards(5)[0])
    plain = Candidates(CandidatesConfig("candidates", 4, **SMALL))
    removed = net.begin(inputs).others["removed"]
    assert torch.equal(net.flags(removed, net.head), plain.embed(inputs))


def test_the_first_round_is_the_run_of_the_net_without_a_search() -> None:
    net, inputs = make(round=3), boards(4)[0]
    plain = Candidates(CandidatesConfig("candidates", 4, **SMALL))
    plain.load_state_dict(net.state_dict(), strict=False)
    for own, other in zip(run(net, inputs, 3), plain.unroll(torch.as_tensor(inputs), 3), strict=True):
        assert torch.equal(own.hidden, other.hidden)


def test_the_state_goes_on_from_round_to_round_and_begins_with_zeros_where_the_search_went_back() -> None:
    net, inputs = make(Reasoning, round=2), boards(12, givens=4, seed=3)[0]
    states = run(net, inputs, 60)
    back = 0
    for before, after in pairwise(states[2::2]):
        flags = net.flags(after.others["removed"], net.head)
        went = net.went_back(before.others, states[before.loop + 1].others)
        begun = net.loop(torch.where(went[..., None], 0, before.hidden), flags)[0]
        assert torch.equal(states[before.loop + 1].hidden, begun)
        deeper = (states[before.loop + 1].others["guesses"] >= 0).sum(1) - (before.others["guesses"] >= 0).sum(1)
        assert torch.equal(went[:, 0], deeper < 0)  # nothing of these is ever without a guess to take back
        back += int(went.sum())
    assert 0 < back < 200


# ------------------------------------------------------------------------------------------------------------ the rules


def test_with_perfect_heads_no_set_loses_the_solution_and_every_board_is_solved() -> None:
    inputs, answers = boards(6, givens=4)
    net = make(Knowing)
    net.right = true(answers)
    for state in run(net, inputs, 6):
        assert not ((state.others["removed"] >= 0) & net.right).any()
    assert net.solved(state.others["removed"] < 0).all()
    assert torch.equal(state.others["removed"] < 0, net.right)
    assert (state.others["doubt"] == 0).all()


def test_wrong_guesses_are_taken_back_until_the_board_is_solved() -> None:
    inputs, _ = boards(12, givens=4, seed=3)
    net = make(Reasoning, round=1)
    states = run(net, inputs, 120)
    depth = torch.stack([(state.others["guesses"] >= 0).sum(1) for state in states])
    assert (depth.diff(dim=0) < 0).any(), "no guess was taken back: the test is about nothing"
    last = states[-1].others["removed"] < 0
    assert net.solved(last).all()
    assert TASK.right(inputs, last.reshape(12, 16, 4).long().argmax(-1).numpy() + 1).all()


def test_a_guess_keeps_one_candidate_of_its_cell_and_is_taken_back_exactly() -> None:
    net, inputs = make(), torch.as_tensor(boards(1)[0])
    givens = net.embed(inputs)[..., 1].long() - 1
    begun = net.begin_search(net.embed(inputs))
    cell = int((inputs[0] == 0).nonzero()[0])
    chosen = torch.tensor([[4 * cell + 2]])
    guessed = net.guess(begun, chosen)
    assert net.by_cell(guessed["removed"] < 0)[0, cell].tolist() == [False, False, True, False]
    other = (guessed["removed"] < 0) & (torch.arange(64) // 4 != cell)
    below = guessed | {"removed": torch.where(other & (torch.arange(64) % 4 == 0), 1, guessed["removed"])}
    back = net.take_back(below, givens)
    wanted = begun["removed"].scatter(1, chosen, 0)
    assert torch.equal(back["removed"], wanted)
    assert (back["guesses"] == -1).all()
    assert back["doubt"].item() == 0
    again = net.take_back(back, givens)  # nothing is left to take back
    assert torch.equal(again["removed"], givens)
    assert again["doubt"].item() == 1


def test_guesses_upon_guesses_are_taken_back_one_by_one() -> None:
    net, inputs = make(), torch.as_tensor(boards(1)[0])
    givens = net.embed(inputs)[..., 1].long() - 1
    searches = [net.begin_search(net.embed(inputs))]
    blanks = (inputs[0] == 0).nonzero()[:3, 0].tolist()
    for cell in blanks:
        searches.append(net.guess(searches[-1], torch.tensor([[4 * cell]])))
    found = searches[-1]
    for depth, cell in reversed(list(enumerate(blanks))):
        found = net.take_back(found, givens)
        left = searches[depth]["removed"] < 0
        left[0, 4 * cell] = False
        assert torch.equal(found["removed"] < 0, left)
        found = dict(searches[depth])


def test_a_conflict_that_the_head_sees_takes_back_the_guess_though_no_rule_is_broken() -> None:
    net, (board, answer) = make(), boards(1, givens=4)
    embedded, hidden = net.embed(torch.as_tensor(board)), torch.zeros(1, 64, 8)
    cell = int((board[0] == 0).argmax())
    right = torch.tensor([[4 * cell + int(answer[0, cell]) - 1]])
    guessed = net.guess(net.begin_search(embedded), right)
    net.clash.bias.fill_(9.0)
    assert (net.deduce(hidden, embedded, guessed)["guesses"] == -1).all()
    net.clash.bias.fill_(-9.0)
    assert (net.deduce(hidden, embedded, guessed)["guesses"] >= 0).sum() == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda cells: cells[0].fill_(False), "a cell without a candidate"),
        (lambda cells: cells[:4, 0].fill_(False), "a row without a cell for a digit"),
        (lambda cells: cells[::4, 1].fill_(False), "a column without a cell for a digit"),
        (lambda cells: cells.view(2, 2, 2, 2, 4)[0, :, 0, :, 2].fill_(False), "a box without a cell for a digit"),
        (lambda cells: cells[:2, 1:].fill_(False), "two cells of a row that are down to the same digit"),
    ],
)
def test_sets_break_a_rule_where(change: Any, why: str) -> None:
    net = make()
    cells = torch.ones(16, 4, dtype=torch.bool)
    assert not net.broken(cells.reshape(1, 64)).any()
    change(cells)
    assert net.broken(cells.reshape(1, 64)).all(), why


def test_a_board_without_a_solution_is_never_called_solved() -> None:
    inputs = np.zeros((1, 16), np.int64)
    inputs[0, [0, 1, 7, 11]] = [1, 2, 3, 4]  # the third and fourth cell of the row have no digit but those of column 4
    inputs[0, [2]] = 3
    assert TASK.solutions(inputs[0], 2) is None or not TASK.solutions(inputs[0], 2)
    for kind in (Reasoning, Lattice):
        net = make(kind, round=1)
        assert not any(net.solved(state.others["removed"] < 0).any() for state in run(net, inputs, 150))


def test_after_it_was_solved_the_sets_stay() -> None:
    inputs, answers = boards(3, givens=8)
    net = make(Knowing)
    net.right = true(answers)
    states = run(net, inputs, 8)
    net.right = ~net.right  # from here on the heads say the contrary
    for _ in range(6):
        states.append(net.step(states[-1]))
    assert torch.equal(states[-1].others["removed"], states[8].others["removed"])


def test_a_search_that_starts_again_asks_for_more() -> None:
    net, inputs = make(remove=0.1), torch.as_tensor(boards(1, givens=4)[0])
    embedded, hidden = net.embed(inputs), torch.zeros(1, 64, 8)
    net.stays.bias.fill_(-3.0)  # a probability of 0.047: below 0.1, not below 0.01
    net.clash.bias.fill_(-9.0)
    first = net.begin_search(embedded)
    again = net.deduce(hidden, embedded, first)  # it would remove everything, which breaks the rules
    assert again["doubt"].item() == 1
    assert torch.equal(again["removed"], first["removed"])
    assert (net.deduce(hidden, embedded, again)["guesses"] >= 0).sum() == 1  # now it removes nothing, and guesses


# ------------------------------------------------------------------------------------------------------ behind the seam


def test_a_batch_is_as_many_single_runs() -> None:
    net, inputs = make(remove=0.1), boards(6, givens=5)[0]
    together = run(net, inputs, 12)
    assert len({tuple(state.others["removed"].flatten().tolist()) for state in together}) > 3, "nothing happens"
    for board, one in enumerate(inputs):
        for state, alone in zip(together, run(net, one[None], 12), strict=True):
            torch.testing.assert_close(state.hidden[board : board + 1], alone.hidden, rtol=0, atol=1e-5)
            for name, value in alone.others.items():
                assert torch.equal(state.others[name][board : board + 1], value)


@pytest.mark.parametrize("loop", [0, 3, 4, 5])
def test_a_run_that_goes_on_from_a_trace_is_one_run(loop: int) -> None:
    net, inputs = make(), boards(1, givens=5)[0]
    whole = record(net, inputs[0], 10)
    onward = replay(net, record(net, inputs[0], max(1, loop)), loop, 10)
    for name, array in whole.arrays().items():
        np.testing.assert_array_equal(onward.arrays()[name], array, err_msg=name)
    assert whole.difference < 1e-4


def test_the_same_board_gives_the_same_run() -> None:
    net, inputs = make(), boards(2, givens=5)[0]
    for one, other in zip(run(net, inputs, 9), run(net, inputs, 9), strict=True):
        assert torch.equal(one.hidden, other.hidden)
        assert all(torch.equal(one.others[name], other.others[name]) for name in one.others)


def test_what_is_observed_tells_sets_guesses_conflicts_and_rounds() -> None:
    net, inputs = make(), boards(1, givens=5)[0]
    trace = record(net, inputs[0], 5)
    seen = trace.observed
    assert seen["removed"].shape == (6, 64)
    assert seen["guesses"].shape == (6, 16)
    assert seen["doubt"].shape == (6, 1)
    assert ((seen["conflict"] > 0) & (seen["conflict"] < 1)).all()
    assert seen["conflict"].shape == (5,)
    assert seen["round"].tolist() == [1, 1, 2, 2, 3]
    depth, doubt = (seen["guesses"] >= 0).sum(1), seen["doubt"][:, 0]
    back = (np.diff(depth) < 0) | (np.diff(doubt) > 0)
    assert seen["anew"].tolist() == [1, *back[1:]]
    assert back.any()


def test_it_says_what_it_is() -> None:
    net = make()
    kind, parts = net.description
    assert kind == "A search around a looped net with one position for each candidate"
    assert "candidates removed, guessed or taken back after every round of 2 loops" in parts
    assert net.round == 2
    assert seam.SEVERAL_STATES in net.capabilities
    assert seam.ROUNDS in net.capabilities
    assert Candidates(CandidatesConfig("candidates", 4, **SMALL)).round is None


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"round": 0}, "a round must be a whole number of at least 1 loop."),
        ({"remove": 0.5}, "remove is 0.5; it must lie between 0 and 0.5."),
        ({"timestep": True}, "a net inside a search has no timesteps: its rounds are all alike."),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence.replace('.', '[.]')}$"):
        LatticeConfig("lattice", 4, **(SMALL | settings))


def test_the_registry_builds_it() -> None:
    config = registry.read({"architecture": "lattice", "trained_loops": 4, "round": 2, **SMALL})
    assert isinstance(registry.build(config), Lattice)


# --------------------------------------------------------------------------------------------------------- in training


def window(
    net: Lattice,
    inputs: Tensor,
    targets: Tensor,
    done: Tensor,
    others: Any,
    astray: float,
    loops: int,
    hidden: Tensor | None = None,
) -> Any:
    hidden = torch.zeros(len(inputs), net.positions, net.width) if hidden is None else hidden
    fresh = done == 0
    return loss_over_window(
        net, inputs, targets, hidden, done, fresh, loops, others=others, astray=torch.full((len(inputs),), astray)
    )


def test_windows_of_training_go_the_way_of_a_run() -> None:
    net = make()
    inputs, answers = (torch.as_tensor(part) for part in boards(3, givens=5))
    targets = torch.where(inputs == 0, answers, -1)
    done, others, hidden = torch.zeros(3, dtype=torch.long), None, None
    states = list(net.unroll(inputs, 8))
    for first in range(0, 8, 2):
        _, outputs, hidden, others = window(net, inputs, targets, done + first, others, -1.0, 2, hidden)
        torch.testing.assert_close(hidden, states[first + 2].hidden)
        torch.testing.assert_close(outputs, net.readout(states[first + 2].hidden))
        assert all(torch.equal(others[name], states[first + 2].others[name]) for name in others)


def test_boards_at_different_loops_meet_in_a_batch() -> None:
    net = make()
    inputs = torch.as_tensor(boards(2, givens=5)[0])
    states = list(net.unroll(inputs, 5))
    mixed = {name: torch.stack([states[2].others[name][0], states[4].others[name][1]]) for name in states[2].others}
    hidden = torch.stack([states[2].hidden[0], states[4].hidden[1]])
    found, search = net.proceed(hidden, net.embed(inputs), torch.tensor([2, 4]), mixed, torch.full((2,), -1.0))
    torch.testing.assert_close(found, torch.stack([states[3].hidden[0], states[5].hidden[1]]))
    assert torch.equal(search["removed"], torch.stack([states[3].others["removed"][0], states[5].others["removed"][1]]))


def test_boards_can_be_led_astray_at_the_beginning_of_a_round_and_only_there() -> None:
    net = make()
    inputs, answers = (torch.as_tensor(part) for part in boards(3, givens=5))
    targets = torch.where(inputs == 0, answers, -1)
    *_, others = window(net, inputs, targets, torch.zeros(3, dtype=torch.long), None, 0.99, 1)
    assert ((others["guesses"] >= 0).sum(1) == 1).all()
    *_, further = window(net, inputs, targets, torch.ones(3, dtype=torch.long), others, 0.99, 1)
    assert torch.equal(further["guesses"], others["guesses"])


def test_sets_that_lost_the_solution_are_asked_for_the_conflict_alone() -> None:
    net = make()
    inputs, answers = (torch.as_tensor(part) for part in boards(2, givens=5))
    targets = torch.where(inputs == 0, answers, -1)
    state = list(net.unroll(inputs, 1))[1]
    lost = dict(state.others) | {"removed": torch.where(true(answers.numpy()), 1, -1)}
    outputs = net.readout(state.hidden)
    clash = net.heads(state.hidden)[1][:, 0]
    wanted = CONFLICT * torch.nn.functional.binary_cross_entropy_with_logits(clash, torch.ones(2))
    torch.testing.assert_close(net.own_loss(state.hidden, outputs, lost, targets), wanted)
    assert net.own_loss(state.hidden, outputs, state.others, targets) > 1


def test_a_removal_of_what_is_right_costs_eight_times_as_much() -> None:
    net = make()
    inputs, answers = (torch.as_tensor(part) for part in boards(2, givens=5))
    targets = torch.where(inputs == 0, answers, -1)
    state = list(net.unroll(inputs, 1))[1]

    def cost(right: float, wrong: float) -> float:
        told = torch.where(true(answers.numpy()), float(right), float(wrong)), torch.full((2, 1), -99.0)
        net.heads = lambda _: told  # type: ignore[method-assign, assignment]
        sure = 99.0 * torch.nn.functional.one_hot(answers, 5)
        return float(net.own_loss(state.hidden, sure, state.others, targets))

    blanks = (targets >= 0).sum()
    left = (state.others["removed"] < 0).reshape(2, 16, 4)[targets >= 0].sum()
    assert cost(9, -9) == pytest.approx(0, abs=1e-2)
    assert cost(-9, -9) == pytest.approx(float(8 * 9 * blanks / left), rel=1e-2)
    assert cost(9, 9) == pytest.approx(float(9 * (left - blanks) / left), rel=1e-2)


def test_training_makes_the_loss_smaller() -> None:
    torch.manual_seed(1)
    net = Lattice(LatticeConfig("lattice", 4, round=2, **SMALL))
    inputs, answers = (torch.as_tensor(part) for part in boards(8, givens=8))
    targets = torch.where(inputs == 0, answers, -1)
    optimizer = torch.optim.AdamW(net.parameters(), 5e-3)
    losses = []
    for _ in range(60):
        loss, *_ = window(net, inputs, targets, torch.zeros(8, dtype=torch.long), None, -1.0, 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.6 * losses[0]


def test_small_helpers() -> None:
    among = torch.tensor([[True, False, True, True]])
    assert [int(nth(among, torch.tensor([share]))) for share in (0.0, 0.34, 0.99)] == [0, 2, 3]
    found = chosen_by(torch.tensor([[True], [False]]), {"a": torch.ones(2, 1)}, {"a": torch.zeros(2, 1)})
    assert found["a"].tolist() == [[1], [0]]
