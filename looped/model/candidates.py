"""A looped Sudoku net with one position for each candidate: a digit that a cell might hold.

Every candidate has a state of `width` numbers. All weights are shared by digits, cells, rows and columns: there are no
codes of positions and none of digits. Where digits are exchanged, or rows, columns, bands or stacks change places, the
answers only do the same. (A board turned over its diagonal is another one: rows and columns have weights of their own.)

What a candidate learns of others comes from **contests**. Four groups hold a candidate: its cell, and its row, its
column and its box among the candidates of the same digit. In a contest h each candidate i makes a claim, and in each of
its groups G it is told its share and what the winners say:

    e_h(i)       = exp(30 tanh(a_h · u_i / 30))
    share_Gh(i)  = e_h(i) / Σ_{j ∈ G} e_h(j)
    told_Gh      = Σ_{j ∈ G} e_h(j) (b_h · u_j) / Σ_{j ∈ G} e_h(j)
    x_i         ← x_i + D relu(U [u_i, share(i), told(i), givens(i)])

With a timestep encoding (a TMLT: `looped.model.timestep`) each layer has a gate α(t) and a scale γ(t), which begin at
one: it reads γ(t) · u in place of u, and adds α(t) · D relu(…). Everything else stays the same.

That is attention whose query is the same for a whole group. A loop is a few such layers, each with its own a, b, U and
D; u is the state in the first and the normalised x in the others; the state after the loop is the normalised x. The
logit of a digit in a cell is 3 w · h of that candidate. Shapes: B boards, n × n cells, n digits, c = width, H contests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from looped.model import seam
from looped.model.base import LoopedModule, numbers_in
from looped.model.interventions import (
    Intervention,
    Mute,
    Patch,
    Scale,
    Sizes,
    Swap,
    Timesteps,
    edited_scales,
    need,
)
from looped.model.layers import norm
from looped.model.seam import Anatomy, State
from looped.model.timestep import TimestepEncoding

GROUPS = ("cell", "row", "column", "box")
"""The groups that hold a candidate, in the order of the shares: all digits of its cell; then those of its own digit."""
STEEPEST = 30.0  # the largest logarithm of a claim, so that exp stays within float32
BLANK = -20.0  # the logit of "blank": no candidate stands for it
VECTORS = {"alpha": 1.0, "gamma": 1.0}  # what a timestep encoding sets, and what it is before training
FLAGS = 3  # numbers that say what is given: this digit in this cell, another one in this cell, and a constant 1


@dataclass(frozen=True)
class CandidatesConfig:
    """Sizes of the net. Raises ValueError with one sentence for those that cannot be."""

    architecture: str
    trained_loops: int
    box: tuple[int, int] = (3, 3)
    """Rows and columns of a box; their product n is the number of digits, and of cells along a side."""
    width: int = 64
    """Numbers in the state of a candidate."""
    contests: int = 15
    layers: int = 2
    """Layers in a loop."""
    hidden: int = 128
    """Units of the MLP of a layer."""
    timestep: bool = False
    """A TMLT: a gate and a scale of every layer depend on the loop."""
    clamp_timestep: bool = False
    """Beyond its trained loops a TMLT is given its last timestep again, not one that training never saw."""

    def __post_init__(self) -> None:
        sizes = (self.trained_loops, *self.box, self.width, self.contests, self.layers, self.hidden)
        need(len(self.box) == 2, f"box is {self.box}; it must be the rows and columns of a box.")
        need(
            all(isinstance(size, int) and size >= 1 for size in sizes), "all sizes must be whole numbers of at least 1."
        )
        need(self.timestep or not self.clamp_timestep, "clamp_timestep is for a TMLT: other models have no timesteps.")

    @property
    def size(self) -> int:
        """Digits, and cells along a side of the board."""
        return self.box[0] * self.box[1]


class Exchange(nn.Module):
    """One layer: contests within the groups, then an MLP at every candidate."""

    def __init__(self, config: CandidatesConfig) -> None:
        super().__init__()
        c, h = config.width, config.contests
        self.box, self.contests = config.box, h
        self.contest = nn.Parameter(torch.empty(2, h, c))  # a and b
        self.up = nn.Parameter(torch.empty(config.hidden, c + 2 * len(GROUPS) * h + FLAGS))  # U
        self.down = nn.Parameter(torch.empty(c, config.hidden))  # D
        shares = len(GROUPS) * h
        nn.init.normal_(self.contest[0], std=2 / 8)
        nn.init.normal_(self.contest[1], std=1 / 8)
        nn.init.normal_(self.up[:, :c], std=1 / 8)
        nn.init.normal_(self.up[:, c : c + shares], std=0.5)
        nn.init.normal_(self.up[:, c + shares : c + 2 * shares], std=shares**-0.5)
        nn.init.normal_(self.up[:, c + 2 * shares :], std=0.5)
        nn.init.normal_(self.down, std=0.5 * config.hidden**-0.5)

    def groups(self, x: Tensor) -> tuple[Tensor, ...]:
        """Sum x (B, n, n, n, k) over each of GROUPS: four tensors that broadcast to its shape."""
        rows, columns = self.box
        boxes = x.reshape(len(x), x.shape[1] // rows, rows, x.shape[2] // columns, columns, *x.shape[3:])
        summed = boxes.sum((2, 4), keepdim=True).expand(-1, -1, rows, -1, columns, -1, -1)
        return (
            x.sum(3, keepdim=True),
            x.sum(2, keepdim=True),
            x.sum(1, keepdim=True),
            summed.flatten(3, 4).flatten(1, 2),
        )

    def forward(
        self,
        x: Tensor,
        u: Tensor,
        flags: Tensor,
        scales: Sequence[Tensor] | None = None,
        heard_of: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return the new x and the shares (B, n, n, n, 4H); x and u (B, n, n, n, c), flags (B, n, n, n, 3).

        scales: α and γ of this layer and loop, which broadcast to x; None for ones. heard_of (4, H): 0 for contests of
        which the candidates are told nothing, else 1; None for all.
        """
        if scales is not None:
            u = u * scales[1].to(u.dtype)
        c, many = x.shape[-1], len(GROUPS) * self.contests
        with torch.autocast(x.device.type, enabled=False):  # exp needs float32
            whole = torch.promote_types(u.dtype, torch.float32)
            claim, value = F.linear(u.to(whole), self.contest.flatten(0, 1).to(whole)).chunk(2, -1)
            weight = (STEEPEST * torch.tanh(claim / STEEPEST)).exp()
            sums = self.groups(torch.cat((weight, weight * value), -1))
            shares = torch.cat([weight / total[..., : self.contests] for total in sums], -1)
            told = [total[..., self.contests :] / total[..., : self.contests] for total in sums]
        read = shares
        if heard_of is not None:
            read = shares * heard_of.flatten()
            told = [said * heard for said, heard in zip(told, heard_of, strict=True)]
        own, share, heard, given = torch.split(self.up, [c, many, many, FLAGS], -1)
        inner = F.linear(torch.cat((u, read, flags), -1), torch.cat((own, share, given), -1))
        for said, matrix in zip(told, torch.split(heard, self.contests, -1), strict=True):
            inner = inner + F.linear(said, matrix)
        added = F.linear(F.relu(inner), self.down)
        return x + (added if scales is None else added * scales[0].to(added.dtype)), shares


class Candidates(LoopedModule):
    """The net behind the seam: positions are candidates, cell by cell and digit by digit."""

    interventions: tuple[type[Intervention], ...] = (Mute, Swap, Patch)

    def __init__(self, config: CandidatesConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(Exchange(config) for _ in range(config.layers))
        self.head = nn.Parameter(torch.empty(config.width))  # w
        nn.init.normal_(self.head, std=1 / 8)
        self.timestep: TimestepEncoding | None = None
        if config.timestep:
            self.timestep = TimestepEncoding(config.width, config.layers, VECTORS)
            nn.init.zeros_(self.timestep.w5.weight)
            nn.init.zeros_(self.timestep.w5.bias)
            self.interventions = (Timesteps, Scale, Mute, Swap, Patch)

    @property
    def capabilities(self) -> frozenset[str]:
        """Injection, candidates and contests, and scales of a TMLT."""
        scales = {seam.SCALES} if self.config.timestep else set()
        layers = {seam.LAYERS} if self.config.layers > 1 else set()
        return frozenset({seam.INJECTION, seam.CANDIDATES, seam.CONTESTS} | scales | layers)

    @property
    def last_t(self) -> float:
        """The largest timestep that a loop is given unless a run is asked for another one."""
        return self.trained_loops - 1 if self.config.clamp_timestep else math.inf

    @property
    def width(self) -> int:
        """Numbers in the state of a candidate."""
        return int(self.config.width)

    @property
    def positions(self) -> int:
        """Candidates of a board."""
        return int(self.config.size**3)

    @property
    def fewest_places(self) -> int:
        """All cells of a board."""
        return int(self.config.size**2)

    @property
    def inputs(self) -> int:
        """Tokens of a cell: blank and the digits."""
        return int(self.config.size) + 1

    @property
    def outputs(self) -> int:
        """Classes of a cell: blank and the digits."""
        return self.inputs

    @property
    def widest(self) -> int:
        """Numbers at one candidate that a layer computes at once."""
        return max(int(self.config.hidden), self.width + 2 * len(GROUPS) * int(self.config.contests) + FLAGS)

    @property
    def description(self) -> tuple[str, list[str]]:
        """What this model is, as the subject of a sentence, and what belongs to it, for model cards."""
        c = self.config
        clamped = ["given its last timestep again beyond its trained loops"] if c.clamp_timestep else []
        kind = "A timestep-modulated looped net (TMLT)" if c.timestep else "A looped net"
        return f"{kind} with one position for each candidate", [
            f"{c.layers} layer{'s' if c.layers > 1 else ''} of width {c.width} with {c.contests} contests in each of "
            f"{len(GROUPS)} groups",
            f"trained with {c.trained_loops} loops",
            "input injection",
            "the state normalised after every loop",
            *clamped,
            "no codes of positions or digits: all weights are shared by all of them",
        ]

    @property
    def anatomy(self) -> Anatomy:
        """One branch in each layer: an MLP that reads the contests and the givens. Nothing is added to the state."""
        return Anatomy(int(self.config.layers), ("contests and MLP",), normed=True, learned=numbers_in(self.layers))

    def places(self, positions: int) -> np.ndarray:
        """Return the candidates of each cell: (cells, n)."""
        table: np.ndarray = np.arange(positions).reshape(-1, self.config.size)
        return table

    def embed(self, tokens: Tensor) -> Tensor:
        """Return the flags of all candidates of tokens (batch, cells): (batch, cells · n, 3) float32."""
        digits = torch.arange(1, self.inputs, device=tokens.device)
        this = tokens[..., None] == digits
        given = (tokens != 0)[..., None].expand_as(this)
        return torch.stack((this, given & ~this, torch.ones_like(this)), -1).flatten(1, 2).to(self.head.dtype)

    def start(self, embedded: Tensor) -> Tensor:
        """Return the states before the first loop: zeros (batch, candidates, width)."""
        return embedded.new_zeros(*embedded.shape[:2], self.width)

    def begin(self, input: Tensor) -> State:
        """Return the state before the first loop of boards (batch, cells). Raises ValueError for another size."""
        need(
            input.shape[-1] == self.fewest_places,
            f"{input.shape[-1]} cells are no board of this model, which has {self.fewest_places}.",
        )
        embedded = self.embed(input)
        return State(0, self.start(embedded), input=(embedded,))

    def loop(
        self,
        hidden: Tensor,
        embedded: Tensor,
        scales: Tensor | None = None,
        muted: Sequence[Mute] = (),
        streams: list[Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Run one loop of states (batch, candidates, width); return the next ones and the shares of all layers.

        Shares are (batch, layers, candidates, 4 contests), groups in the order of GROUPS. scales: α and γ of this loop,
        (layers, 2, width), or (layers, 2, batch, 1, 1, 1, width) where every board has its own; None for ones.
        streams: a list to which the stream behind each layer is added, (batch, candidates, width).
        """
        n = self.config.size
        embedded = embedded.expand(len(hidden), -1, -1)  # one input may be asked of many states
        x, flags = (part.reshape(len(part), n, n, n, -1) for part in (hidden, embedded))
        seen = []
        for number, layer in enumerate(self.layers):
            own = None if scales is None else scales[number]
            x, shares = layer(x, norm(x) if number else x, flags, own, self.heard_of(muted, number, x.device))
            seen.append(shares.flatten(1, 3))
            if streams is not None:
                streams.append(x.flatten(1, 3))
        return norm(x).flatten(1, 3), torch.stack(seen, 1)

    def heard_of(self, muted: Sequence[Mute], layer: int, device: torch.device) -> Tensor | None:
        """Return 0 for the contests (groups, contests) of which a layer is told nothing, else 1; None for all ones."""
        own = [change for change in muted if change.layer in (None, layer)]
        if not own:
            return None
        heard = torch.ones(len(GROUPS), self.config.contests, device=device)
        for change in own:
            groups = [GROUPS.index(group) for group in change.groups or GROUPS]
            contests = list(change.contests or range(self.config.contests))
            heard[torch.tensor(groups)[:, None], torch.tensor(contests)] = 0
        return heard

    def swapped(self, values: Tensor, digits: tuple[int, int]) -> Tensor:
        """Return values of candidates (batch, candidates, …) with those of two digits exchanged."""
        order = torch.arange(self.config.size, device=values.device)
        order[[digit - 1 for digit in digits]] = order[[digit - 1 for digit in reversed(digits)]]
        by_cell = values.reshape(len(values), -1, self.config.size, *values.shape[2:])
        return by_cell[:, :, order].flatten(1, 2)

    def advance(self, h: Tensor, embedded: Tensor, t: Tensor) -> Tensor:
        """Run one loop of states (batch, candidates, width) that have done t (batch,) loops, which tell only a TMLT."""
        scales = None
        if self.timestep is not None:
            scales = self.timestep.compute(t)[1].movedim(0, 2)[:, :, :, None, None, None]
        return self.loop(h, embedded, scales)[0]

    def layer_states(self, state: State) -> Tensor:
        """Return the normalised stream behind each layer of the next loop: (batch, layers, candidates, width)."""
        streams: list[Tensor] = []
        self.step(state, streams=streams)
        return norm(torch.stack(streams, 1))

    def step(
        self,
        state: State,
        record: bool = False,
        interventions: Sequence[Intervention] = (),
        streams: list[Tensor] | None = None,
    ) -> State:
        """Run one loop; with `record` the result carries the shares, and `streams` is filled as by `loop`."""
        acting = [change for change in (*self.standing_interventions, *interventions) if change.acts(state.loop)]
        scales = None if self.timestep is None else edited_scales(self.timestep, state.loop, acting, self.last_t)
        before, embedded = state.hidden, state.input[0]
        for change in acting:
            if isinstance(change, Swap):
                embedded = self.swapped(embedded, change.digits)
                before = self.swapped(before, change.digits) if state.loop == change.first else before
        hidden, shares = self.loop(before, embedded, scales, [one for one in acting if isinstance(one, Mute)], streams)
        seen = {"shares": shares} if record else {}
        return self.next_state(state, hidden, interventions, observed=seen)._replace(scales=scales)

    def observe(self, state: State) -> dict[str, Tensor]:
        """Return the hidden state, the shares of the step that produced it, and the gates and scales of a TMLT."""
        return super().observe(state) | self.scales_seen(state)

    def sizes(self, loops: int, positions: int) -> Sizes:
        """Return the sizes of a run, for `looped.model.interventions.check`."""
        return (
            super()
            .sizes(loops, positions)
            ._replace(layers=self.config.layers, contests=self.config.contests, groups=GROUPS)
        )

    def readout(self, hidden: Tensor) -> Tensor:
        """Return logits (..., cells, n + 1) of states (..., candidates, width); "blank" has a constant one."""
        logits = 3 * (hidden @ self.head.to(hidden.dtype))
        by_cell = logits.reshape(*logits.shape[:-1], -1, self.config.size)
        return F.pad(by_cell, (1, 0), value=BLANK)
