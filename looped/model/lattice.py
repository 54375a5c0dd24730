"""A search around a looped net: candidate elimination in rounds, with guesses that are taken back at a conflict.

The net is that of `looped.model.candidates`, one position for each candidate of a Sudoku board, with two heads more.
Around it stands a search after the lattice form of deduction (LDT, arXiv 2605.08605). What is carried from round to
round are the sets of candidates that are left in the cells, and the net's state. A **round** is `round` loops of the
net, which at every candidate reads what the sets say: whether it is the only one left in its cell, whether it is
removed, and a constant 1. Before the first round that is just what the net without a search reads of the givens, so
that the run is that of the net until a round changes the sets. The state begins with zeros, and again where the search
went back: what it held rests on a guess that was wrong.

Behind a round three things are read from the state h of the candidates i:

    stays(i)   = σ(3 s · h_i + s₀)                        the probability that candidate i may be right
    conflict   = σ(ln mean_i exp(3 k · h_i) + k₀)         that the sets have lost the solution
    digits     = softmax over a cell of the readout       which digit of a cell is right

and the sets change by these rules, each of which is asked where none above it held:

1. Every cell has one candidate left, and no rule of Sudoku is broken: solved, the sets stay.
2. A conflict: the head says so, or the sets that removing would leave break a rule. The last guess is taken back: the
   sets are those before it, without the candidate that was guessed. Where there was no guess the search starts again
   from the givens, and from then on it asks for more: removing for `remove` to the power of one more, a conflict for
   half the doubt.
3. Candidates that stay with a probability below `remove` are removed.
4. Where none was, the surest open cell is guessed: its best candidate is kept, the others of the cell are removed.

Nothing is drawn at random, so that the same board gives the same run. The guesses that stand are kept exactly and
without a bound: for every candidate the number of guesses that stood when it was removed. Shapes: B boards, n × n
cells, n digits, N = n³ candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from looped.model import seam
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.interventions import Intervention, Mute, Patch, need
from looped.model.seam import Anatomy, State

DEARER = 8.0  # how much more removing a right candidate costs in training than keeping a wrong one
CONFLICT = 0.3  # the weight of the conflict head's loss


@dataclass(frozen=True)
class LatticeConfig(CandidatesConfig):
    """Sizes of the net and of the search. Raises ValueError with one sentence for those that cannot be."""

    round: int = 16
    """Loops of a round."""
    remove: float = 0.001
    """A candidate is removed when the probability that it stays is below this."""

    def __post_init__(self) -> None:
        super().__post_init__()
        need(not self.timestep, "a net inside a search has no timesteps: its rounds are all alike.")
        need(isinstance(self.round, int) and self.round >= 1, "a round must be a whole number of at least 1 loop.")
        need(0 < self.remove < 0.5, f"remove is {self.remove}; it must lie between 0 and 0.5.")


class Lattice(Candidates):
    """The search and the net behind the seam. `State.others` holds what the search carries from loop to loop:

    removed  (B, N) how many guesses stood when a candidate was removed; −1 for one that is left
    guesses  (B, n²) the candidates that were guessed and stand, in their order; −1 behind the last
    doubt    (B, 1) how often the search started again from the givens
    """

    config: LatticeConfig
    own_loss_words = (
        "the same of what stays of the candidates, in which removing a right one counts "
        f"{DEARER:g} times, and {CONFLICT:g} of that of the conflict; where the sets have lost the solution, of the "
        "conflict alone"
    )

    def __init__(self, config: LatticeConfig) -> None:
        super().__init__(config)
        self.stays = nn.Linear(config.width, 1)
        self.clash = nn.Linear(config.width, 1)
        for head in (self.stays, self.clash):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
        self.interventions = (Mute, Patch)

    @property
    def capabilities(self) -> frozenset[str]:
        """Candidates, contests and layers as without the search, whose sets are states of their own."""
        return super().capabilities - {seam.INJECTION} | {seam.SEVERAL_STATES, seam.ROUNDS}

    @property
    def round(self) -> int:
        """Loops of a round."""
        return int(self.config.round)

    @property
    def description(self) -> tuple[str, list[str]]:
        """What this model is, as the subject of a sentence, and what belongs to it, for model cards."""
        _, parts = super().description
        kept = [part for part in parts if part != "input injection"]
        return "A search around a looped net with one position for each candidate", [
            *kept,
            f"candidates removed, guessed or taken back after every round of {self.round} loops",
        ]

    @property
    def anatomy(self) -> Anatomy:
        """The block without the search, which reads the sets."""
        return super().anatomy._replace(source="list of candidates")

    # ------------------------------------------------------------------------------------------- what the net is told

    def begin_search(self, embedded: Tensor) -> dict[str, Tensor]:
        """Return what the search carries before the first round, of the flags (B, N, 3) of the givens."""
        removed = embedded[..., 1].long() - 1
        return {
            "removed": removed,
            "guesses": removed.new_full((len(removed), self.config.size**2), -1),
            "doubt": removed.new_zeros(len(removed), 1),
        }

    def flags(self, removed: Tensor, like: Tensor) -> Tensor:
        """Return what the net reads of sets (B, N), -1 for a candidate that is left: flags (B, N, 3)."""
        left = self.by_cell(removed < 0)
        alone = left & (left.sum(-1, keepdim=True) == 1)
        return torch.stack((alone, ~left, torch.ones_like(left)), -1).flatten(1, 2).to(like.dtype)

    def by_cell(self, values: Tensor) -> Tensor:
        """Return values of candidates (B, N) by cell: (B, n², n)."""
        return values.reshape(len(values), -1, self.config.size)

    # --------------------------------------------------------------------------------------------- between two rounds

    def heads(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of staying (B, N) and of a conflict (B, 1) of states (B, N, width)."""
        claims = 3 * F.linear(hidden, self.clash.weight)
        pooled = claims.logsumexp(1) - torch.log(torch.tensor(float(hidden.shape[1])))
        stays = 3 * F.linear(hidden, self.stays.weight) + self.stays.bias
        return stays[..., 0], pooled + self.clash.bias

    def broken(self, left: Tensor) -> Tensor:
        """Return where sets (B, N) break a rule: (B, 1) bool.

        A cell has no candidate; or in a row, column or box a digit has no cell, or is the only one left of two.
        """
        n = self.config.size
        alone = self.by_cell(left) & (self.by_cell(left).sum(-1, keepdim=True) == 1)
        both = torch.stack((self.by_cell(left), alone), -1).reshape(len(left), n, n, n, 2).float()
        cell, *units = self.layers[0].groups(both)  # type: ignore[operator]
        wrong: Tensor = (cell[..., 0] == 0).flatten(1).any(1)
        for unit in units:
            wrong = wrong | ((unit[..., 0] == 0) | (unit[..., 1] > 1)).flatten(1).any(1)
        return wrong[:, None]

    def solved(self, left: Tensor) -> Tensor:
        """Return where sets (B, N) hold one candidate for each cell and break no rule: (B, 1) bool."""
        single = (self.by_cell(left).sum(-1) == 1).all(1, keepdim=True)
        return single & ~self.broken(left)

    def guess(self, search: Mapping[str, Tensor], chosen: Tensor) -> dict[str, Tensor]:
        """Return the search with one guess more: the candidates chosen (B, 1), the only ones left in their cells."""
        removed, guesses = search["removed"], search["guesses"]
        n, depth = self.config.size, (guesses >= 0).sum(1, keepdim=True)
        cells = torch.arange(removed.shape[1], device=removed.device)[None]
        rival = (cells // n == chosen // n) & (cells != chosen) & (removed < 0)
        at = depth.clamp(max=guesses.shape[1] - 1)
        return dict(search) | {
            "removed": torch.where(rival, depth + 1, removed),
            "guesses": guesses.scatter(1, at, chosen),
        }

    def take_back(self, search: Mapping[str, Tensor], givens: Tensor) -> dict[str, Tensor]:
        """Return the search without its last guess, which is removed now; without a guess it starts from the givens."""
        removed, guesses, doubt = search["removed"], search["guesses"], search["doubt"]
        depth = (guesses >= 0).sum(1, keepdim=True)
        last = (depth - 1).clamp(min=0)
        before = torch.where(removed == depth, -1, removed)
        before = before.scatter(1, guesses.gather(1, last).clamp(min=0), last)
        return {
            "removed": torch.where(depth > 0, before, givens),
            "guesses": guesses.scatter(1, last, -1),
            "doubt": torch.where(depth > 0, doubt, doubt + 1),
        }

    @torch.no_grad()
    def deduce(
        self, hidden: Tensor, embedded: Tensor, search: Mapping[str, Tensor], astray: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Return what the search carries into the next round, by the rules of this module.

        hidden (B, N, width) are the states behind a round, embedded (B, N, 3) the flags of the givens. astray (B,): for
        training, from 0 to 1, which of the open candidates is guessed in any case; below 0 for none.
        """
        search = {name: value.long() for name, value in search.items()}
        removed, doubt = search["removed"], search["doubt"]
        left, stays, clash = removed < 0, *self.heads(hidden)
        gone = left & (stays.double().sigmoid() < self.config.remove ** (1.0 + doubt))
        solved = self.solved(left)
        conflict = ((-clash).double().sigmoid() < 0.5 ** (1.0 + doubt)) | self.broken(left & ~gone)
        several = (self.by_cell(left).sum(-1, keepdim=True) > 1).expand(-1, -1, self.config.size).flatten(1)
        open_ = left & several
        logits = self.by_cell(self.readout(hidden)[..., 1:].flatten(1)).masked_fill(~self.by_cell(left), -torch.inf)
        sure = logits.softmax(-1).nan_to_num(0).flatten(1).masked_fill(~open_, -1)
        chosen = sure.argmax(1, keepdim=True)
        forced = torch.zeros_like(solved)
        if astray is not None:
            forced = (astray >= 0)[:, None]
            chosen = torch.where(forced, nth(open_, astray), chosen)
        depth = (search["guesses"] >= 0).sum(1, keepdim=True)
        removing = search | {"removed": torch.where(gone, depth, removed)}
        guessing = gone.any(1, keepdim=True).logical_not() | forced
        found = chosen_by(guessing & open_.any(1, keepdim=True), self.guess(search, chosen), removing)
        found = chosen_by(conflict, self.take_back(search, embedded[..., 1].long() - 1), found)
        return chosen_by(solved, search, found)

    # ----------------------------------------------------------------------------------------------- behind the seam

    def begin(self, input: Tensor) -> State:
        """Return the state before the first loop of boards (batch, cells): zeros, and the sets of the givens."""
        state = super().begin(input)
        return state._replace(others=self.begin_search(state.input[0]))

    @staticmethod
    def went_back(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> Tensor:
        """Return where a search took a guess back or started again: (B, 1) bool."""
        fewer = (after["guesses"] >= 0).sum(1, keepdim=True) < (before["guesses"] >= 0).sum(1, keepdim=True)
        return fewer | (after["doubt"] > before["doubt"])

    def step(
        self,
        state: State,
        record: bool = False,
        interventions: Sequence[Intervention] = (),
        streams: list[Tensor] | None = None,
    ) -> State:
        """Run one loop, before which the search goes on where a round has ended."""
        acting = [change for change in (*self.standing_interventions, *interventions) if change.acts(state.loop)]
        before, search = state.hidden, {name: value.long() for name, value in state.others.items()}
        anew = torch.full((len(before), 1), state.loop == 0, device=before.device)
        if state.loop and state.loop % self.round == 0:
            found = self.deduce(before, state.input[0], search)
            anew, search = self.went_back(search, found), found
            before = torch.where(anew[..., None], 0, before)
        flags = self.flags(search["removed"], before)
        hidden, shares = self.loop(before, flags, None, [one for one in acting if isinstance(one, Mute)], streams)
        seen = {"shares": shares, "anew": anew[:, 0]} if record else {}
        return self.next_state(state, hidden, interventions, others=search, observed=seen)

    def observe(self, state: State) -> dict[str, Tensor]:
        """Return what the net lets see and what the search carries.

        Of a recorded loop also its `round` (B,), from 1, whether it begins with zeros, `anew` (B,), and `conflict`
        (B,), the probability that the head tells.
        """
        seen = super().observe(state)
        if state.observed:
            conflict = self.heads(state.hidden)[1][:, 0].sigmoid()
            seen |= {"conflict": conflict, "round": torch.full_like(conflict, (state.loop - 1) // self.round + 1)}
        return seen

    # ---------------------------------------------------------------------------------------------------- in training

    def proceed(
        self, hidden: Tensor, embedded: Tensor, done: Tensor, search: Mapping[str, Tensor], astray: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Run one loop of boards that have done different numbers of loops, done (B,); return states and search.

        astray as in `deduce`, for boards at the beginning of a round.
        """
        begun = done == 0
        search = chosen_by(begun[:, None], self.begin_search(embedded), search)
        if begun.any():
            left = search["removed"] < 0
            several = (self.by_cell(left).sum(-1, keepdim=True) > 1).expand(-1, -1, self.config.size).flatten(1)
            led = (begun & (astray >= 0))[:, None] & (left & several).any(1, keepdim=True)
            search = chosen_by(led, self.guess(search, nth(left & several, astray)), search)
        ends = (~begun & (done % self.round == 0))[:, None]
        if ends.any():
            found = chosen_by(ends, self.deduce(hidden, embedded, search, astray), search)
            hidden = torch.where((ends & self.went_back(search, found))[..., None], 0, hidden)
            search = found
        return self.loop(hidden, self.flags(search["removed"], hidden))[0], search

    def own_loss(self, hidden: Tensor, outputs: Tensor, search: Mapping[str, Tensor], targets: Tensor) -> Tensor:
        """Return the loss of states (B, N, width) and their outputs; targets (B, n²) digits, -1 where none is asked.

        The cross-entropy of the digits, the binary one of what stays, in which removing what is right is DEARER, and
        CONFLICT of that of the conflict. Sets that have lost the solution are asked for the conflict alone.
        """
        asked, n = targets >= 0, self.config.size
        true = F.one_hot(targets.clamp(min=1) - 1, n).bool()
        left = self.by_cell(search["removed"] < 0)
        held = ~(true & ~left & asked[..., None]).flatten(1).any(1)
        of_digits = F.cross_entropy(outputs.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none")
        mine = (asked & held[:, None]).flatten()
        stays, clash = self.heads(hidden)
        weight = left & asked[..., None] & held[:, None, None]
        of_stays = F.binary_cross_entropy_with_logits(
            self.by_cell(stays), true.to(stays), reduction="none", pos_weight=stays.new_tensor(DEARER)
        )
        of_conflict = F.binary_cross_entropy_with_logits(clash[:, 0], (~held).to(clash))
        return (
            (of_digits * mine).sum() / mine.sum().clamp(min=1)
            + (of_stays * weight).sum() / weight.sum().clamp(min=1)
            + CONFLICT * of_conflict
        )


def nth(among: Tensor, share: Tensor) -> Tensor:
    """Return which candidate stands at a share (B,) from 0 to 1 of those among (B, N): (B, 1).

    >>> nth(torch.tensor([[False, True, True, False]]), torch.tensor([0.5]))
    tensor([[2]])
    """
    rank = (share.clamp(0, 1) * among.sum(1)).floor()[:, None]
    return ((among.cumsum(1) > rank) & among).long().argmax(1, keepdim=True)


def chosen_by(where: Tensor, one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the rows of `one` where that (B, 1) is true, else those of `other`; tensors by name."""
    return {name: torch.where(where, value, other[name]) for name, value in one.items()}
