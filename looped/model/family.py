"""The papers on one screen: one family of transformers that apply a block again and again.

    standard   h[t+1] = layer_t(h[t])                      t = 0 … L-1, L distinct layers
    looped     h[t+1] = block(h[t])                        the same block every time
    + injection  h[t+1] = block(h[t] + P),  h[0] = 0       arXiv 2311.12424, P = the embedded input
    + feedback   h[t+1] = block(h[t] + P + E softmax(readout(h[t])))    self-conditioning (arXiv 2208.04202), E = the table of tokens
    + relations  attention's scores are q·k/√width + what a head has learned of the two cells' sharing a row, a column, a box, or being one
                                                             (a bias per head and relation, as T5 has for distances: arXiv 1910.10683, 2.1)
    tmlt       the looped block with gates and scales that depend on t (arXiv 2410.01405, section 4):
               x ← x + α1(t) · Attention(γ1(t) · N(x))
               x ← x + α2(t) · MLP(γ2(t) · N(x))

N is the root-mean-square norm. In a TMLT it has no gain of its own: γ(t) is the gain. The four vectors come from the
timestep encoding TE(t); its last layer starts at zero, so a new TMLT has α = 0, γ = 1 and is the identity map.

`Model.unroll` is the core: a generator that yields the state after every loop. Training with a loss on every loop,
traces and evaluation are all written on top of it, and nothing needs a hook on a shared module. What is to be done
to a run (see `looped.model.interventions`) is one of its arguments, so that users of the same model cannot disturb each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from looped.model import neighbourhood
from looped.model.interventions import Edit, Input, Intervention, Sizes, check, edit_of, edited_scales, patched

ARCHITECTURES = ("standard", "looped", "tmlt")
ATTENTIONS = ("softmax", "hardmax")
ATTENDED = ("all", "neighbourhood")
POSITIONS = ("learned", "board", "halves", "rotary", "none")
EPS = 1e-6
LARGEST = 100_000  # of any number in a config: what is beyond is a slip or an attack


@dataclass(frozen=True)
class Config:
    """Everything that decides the shape of a model. Raises ValueError with one sentence when it makes no sense."""

    architecture: str
    vocab: int  # tokens, and classes of the readout: logits have this many entries
    length: int  # positions in a sequence
    trained_loops: int  # loops that training used; for "standard" the number of layers
    d_model: int = 128
    heads: int = 4
    layers: int = 1  # layers in the block that is looped; for "standard" all layers, each applied once
    mlp: int = 4  # width of the MLP as a multiple of d_model
    injection: bool = False  # add the embedded input again at every loop
    feedback: bool = False  # and the answer that the readout gives of the state, each token as much as it is likely: loops can build on it
    state_norm: bool = False  # the block ends with N, as the GPT-2 backbone of 2311.12424 does: the state stays bounded
    causal: bool = False
    attention: str = "softmax"
    positions: str = (
        "learned"  # "board": row + column + box; "halves": which half of the sequence + place in it, for two strings
    )
    box: tuple[int, int] | None = None  # (rows, columns) of a box; "board" codes need it, length = (rows · columns)²
    relations: bool = False  # scores of attention also say whether two cells of a board share a row, a column or a box, or are the same
    held: bool = (
        False  # beyond its trained loops a TMLT is given its last timestep again, not ones that training never saw
    )
    attention_to: str = "all"  # or "neighbourhood": the 3 × 3 cells around a cell of a square grid
    init: str = "released"  # "released": all weights N(0, 0.02); "scaled": 1/√(2 d_model), and 1/2 for the tables of tokens and places
    values: str = "normalised"  # "as released": V = x un-normalised and an MLP without norm (2410.01405, released code)

    def __post_init__(self) -> None:
        def need(holds: bool, sentence: str) -> None:
            if not holds:
                raise ValueError(sentence)

        need(
            self.architecture in ARCHITECTURES,
            f"architecture is {self.architecture!r}; it must be one of {ARCHITECTURES}.",
        )
        need(self.attention in ATTENTIONS, f"attention is {self.attention!r}; it must be one of {ATTENTIONS}.")
        need(self.positions in POSITIONS, f"positions is {self.positions!r}; it must be one of {POSITIONS}.")
        need(self.attention_to in ATTENDED, f"attention_to is {self.attention_to!r}; it must be one of {ATTENDED}.")
        need(
            self.attention_to == "all" or (self.positions == "none" and not self.causal),
            "attention to the neighbourhood needs positions 'none' and no causal mask.",
        )
        need(self.init in ("released", "scaled"), f"init is {self.init!r}; it must be 'released' or 'scaled'.")
        need(
            self.values in ("normalised", "as released"),
            f"values is {self.values!r}; it must be 'normalised' or 'as released'.",
        )
        for name in ("vocab", "length", "trained_loops", "d_model", "heads", "layers", "mlp"):
            value = getattr(self, name)
            need(
                isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST,
                f"{name} is {value!r}; it must be a whole number from 1 to {LARGEST:,}.",
            )
        for name in ("injection", "feedback", "state_norm", "causal", "relations", "held"):
            need(isinstance(getattr(self, name), bool), f"{name} is {getattr(self, name)!r}; it must be true or false.")
        need(self.d_model % self.heads == 0, f"d_model = {self.d_model} does not divide into {self.heads} heads.")
        need(
            self.positions != "rotary" or self.d_model // self.heads % 2 == 0,
            "rotary positions need an even width per head.",
        )
        box = self.box
        need(
            box is None
            or (isinstance(box, tuple) and len(box) == 2 and all(isinstance(side, int) and side > 0 for side in box)),
            f"box is {box!r}; it must be (rows, columns), two positive whole numbers.",
        )
        if self.positions == "board":
            need(
                box is not None and (box[0] * box[1]) ** 2 == self.length,
                f"board positions need box = (rows, columns) with (rows · columns)² = length, not {box} and {self.length}.",
            )
        need(
            self.positions == "board" or not self.relations,
            "relations are those of cells on a board; they need board positions.",
        )
        need(
            self.positions != "halves" or self.length % 2 == 0,
            f"halves positions need an even length, not {self.length}.",
        )
        need(
            self.injection or not self.feedback,
            "feedback joins the input that is injected at every loop; it needs injection.",
        )
        need(self.architecture == "tmlt" or not self.held, "only a TMLT has timesteps that could be held.")
        need(
            self.architecture == "looped" or self.values == "normalised",
            "values 'as released' exist for the looped baseline only.",
        )
        if self.architecture == "standard":
            need(not self.injection, "a standard transformer has no loops, so nothing to inject the input into.")
            need(
                self.trained_loops == self.layers,
                "a standard transformer applies each layer once: trained_loops must equal layers.",
            )


class State(NamedTuple):
    """What is known after loop t. Attention and scales are those of the step that *produced* this state."""

    loop: int  # 0 is the state before the first loop
    hidden: Tensor  # (batch, positions, d_model)
    attention: Tensor | None = None  # (batch, layers, heads, positions, positions), rows sum to one; when recorded
    scales: Tensor | None = None  # (layers, 4, d_model): α1, α2, γ1, γ2; TMLT only


def norm(x: Tensor, gain: Tensor | None = None) -> Tensor:
    """Root-mean-square norm N over the last axis; with or without a learned gain."""
    return F.rms_norm(x, x.shape[-1:], gain, EPS)


def hardmax(scores: Tensor) -> Tensor:
    """The limit of softmax at temperature zero (2410.01405, appendix): all mass on the largest score, shared by ties."""
    largest = (scores == scores.amax(-1, keepdim=True)).to(scores.dtype)
    return largest / largest.sum(-1, keepdim=True)


def rotate(x: Tensor) -> Tensor:
    """Rotary position code on (..., positions, width): pair k of position p turns by p · 10000^(-2k/width)."""
    positions, width = x.shape[-2:]
    frequency = 10000 ** (-torch.arange(0, width, 2, device=x.device, dtype=torch.float32) / width)
    angle = torch.arange(positions, device=x.device, dtype=torch.float32)[:, None] * frequency
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Layer(nn.Module):
    """One attention branch and one MLP branch, each normalised before and added to the stream after."""

    shared: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        d, self.config = config.d_model, config
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        self.up = nn.Linear(d, config.mlp * d, bias=False)
        self.down = nn.Linear(config.mlp * d, d, bias=False)
        own_gain = config.architecture != "tmlt"
        self.gain1 = nn.Parameter(torch.ones(d)) if own_gain else None
        self.gain2 = nn.Parameter(torch.ones(d)) if own_gain and config.values == "normalised" else None
        self.relation = (
            nn.Parameter(torch.zeros(config.heads, 4)) if config.relations else None
        )  # of each head: row, column, box, cell
        self.near = (
            nn.Parameter(torch.zeros(config.heads, neighbourhood.NEIGHBOURS))
            if config.attention_to == "neighbourhood"
            else None
        )  # of each head: the bias of every offset
        if config.relations:
            index = place_indices(config)
            shared = torch.cat((index[:, :, None] == index[:, None], torch.eye(config.length, dtype=torch.bool)[None]))
            self.register_buffer("shared", shared.float(), persistent=False)  # (4, length, length)

    def attend(self, u: Tensor, values: Tensor, record: bool, edit: Edit | None = None) -> tuple[Tensor, Tensor | None]:
        """u, values (batch, positions, d_model) → the branch output, and the weights when they are recorded.

        The plain forward uses PyTorch's fused attention, which returns no weights; the recorded one multiplies them
        out. `trace.record` measures the difference between the two.
        """
        c = self.config
        batch, n, d = u.shape
        if self.near is not None:
            return self.attend_near(u, values, record, edit)

        def split(x: Tensor) -> Tensor:
            return x.view(batch, n, c.heads, d // c.heads).transpose(1, 2)

        if values is u:
            q, k, v = (split(x) for x in self.qkv(u).chunk(3, -1))
        else:
            wq, wk, wv = self.qkv.weight.chunk(3)
            q, k, v = split(u @ wq.T), split(u @ wk.T), split(values @ wv.T)
        if c.positions == "rotary":
            q, k = rotate(q), rotate(k)
        term = None
        if (
            self.relation is not None
        ):  # (1, heads, n, n): without an axis for the batch the fused attention would take three times as long
            term = torch.einsum("hr,rij->hij", self.relation, self.shared[:, :n, :n]).to(q.dtype)[None]
        hard, blocked, weights = c.attention == "hardmax", None, None
        if edit is not None:
            blocked = edit.blocked
            if edit.temperature is not None:
                hard = edit.temperature == 0
                q = q if hard else q / edit.temperature
                term = term if hard or term is None else term / edit.temperature
        # The fused attention's backward pass in bfloat16 on a CPU takes six times as long as the multiplied-out one.
        slow = q.dtype == torch.bfloat16 and q.device.type == "cpu" and torch.is_grad_enabled()
        if c.causal and blocked is None and (record or slow or hard or term is not None):
            blocked = torch.ones(n, n, dtype=torch.bool, device=u.device).triu(1)
        if record or slow or hard:
            scores = (q / math.sqrt(d // c.heads)) @ k.transpose(-1, -2)
            if term is not None:
                scores = scores + term
            if blocked is not None:
                scores = scores.masked_fill(blocked, -torch.inf)
            weights = hardmax(scores) if hard else scores.softmax(-1)
            mixed = weights @ v
        elif term is not None:
            mixed = F.scaled_dot_product_attention(
                q, k, v, attn_mask=term if blocked is None else term.masked_fill(blocked, -torch.inf)
            )
        elif blocked is not None:
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=~blocked)
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=c.causal)
        if edit is not None and edit.heads:
            mixed = mixed.index_fill(1, torch.tensor(edit.heads, device=u.device), 0)
        return self.out(mixed.transpose(1, 2).reshape(batch, n, d)), weights

    def attend_near(
        self, u: Tensor, values: Tensor, record: bool, edit: Edit | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """As `attend`, each cell to its neighbourhood; the recorded weights are (batch, heads, positions, 9)."""
        c, (batch, n, d) = self.config, u.shape
        assert self.near is not None
        wq, wk, wv = self.qkv.weight.chunk(3)
        q, k, v = ((x @ w.T).view(batch, n, c.heads, d // c.heads) for x, w in ((u, wq), (u, wk), (values, wv)))
        rows, blocked = neighbourhood.square(n), None
        temperature = 0.0 if c.attention == "hardmax" else 1.0
        if edit is not None:
            temperature = temperature if edit.temperature is None else edit.temperature
            if edit.blocked is not None:
                blocked = neighbourhood.near(edit.blocked, neighbourhood.neighbour_table(rows, rows).to(u.device))
        mixed, weights = neighbourhood.attend(q, k, v, self.near, rows, temperature, blocked)
        if edit is not None and edit.heads:
            mixed = mixed.index_fill(2, torch.tensor(edit.heads, device=u.device), 0)
        return self.out(mixed.reshape(batch, n, d)), weights if record else None

    def forward(
        self, x: Tensor, scales: Tensor | None = None, record: bool = False, edit: Edit | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """x (batch, positions, d_model), scales (4, d_model) for a TMLT → the new x, and the attention weights."""
        mlp = edit is None or edit.mlp
        if scales is not None:
            alpha1, alpha2, gamma1, gamma2 = scales
            u = norm(x) * gamma1
            branch, weights = self.attend(u, u, record, edit)
            x = x + alpha1 * branch
            if not mlp:
                return x, weights
            return x + alpha2 * self.down(F.gelu(self.up(norm(x) * gamma2))), weights
        u = norm(x, self.gain1)
        as_released = self.config.values == "as released"
        branch, weights = self.attend(u, x if as_released else u, record, edit)
        x = x + branch
        if not mlp:
            return x, weights
        return x + self.down(F.gelu(self.up(x if as_released else norm(x, self.gain2)))), weights


class TimestepEncoding(nn.Module):
    """α1, α2, γ1, γ2 as functions of the loop t, which may be fractional or beyond the trained loops (2410.01405, 4.2).

    s(t)  = [cos(t f_k), sin(t f_k)],  f_k = 10000^(-k/128),  k = 0 … 127
    TE(t) = W2 SiLU(W1 s(t) + b1) + b2
    W5 SiLU(TE(t)) + b5 → four vectors per layer; γ = 1 + the last two, so that zero weights leave N(x) as it is
    """

    FREQUENCIES = 128

    def __init__(self, config: Config) -> None:
        super().__init__()
        d = config.d_model
        self.layers = config.layers
        self.w1 = nn.Linear(2 * self.FREQUENCIES, d)
        self.w2 = nn.Linear(d, d)
        self.w5 = nn.Linear(d, 4 * d * config.layers)
        self.known: dict[float, tuple[Tensor, Tensor]] | None = None

    def remember(self) -> None:
        """From now on work out each t only once. For a model whose weights stay as they are, and whose runs need no gradients of them."""
        self.known = {}

    def both(self, t: float) -> tuple[Tensor, Tensor]:
        """TE(t), and the scales made of it."""
        if self.known is None:
            return self.work_out(t)
        if t not in self.known:
            with (
                torch.inference_mode(False),
                torch.no_grad(),
            ):  # what was made in inference mode could not be used outside
                self.known[t] = self.work_out(t)
        return self.known[t]

    def work_out(self, t: float | Tensor) -> tuple[Tensor, Tensor]:
        """TE(t), shape (d_model,), and the scales of `forward`. For many t, (count,), both begin with an axis for them."""
        weight = self.w1.weight
        k = torch.arange(self.FREQUENCIES, device=weight.device, dtype=torch.float32)
        angle = (t[:, None] if isinstance(t, Tensor) else t) * 10000 ** (-k / self.FREQUENCIES)
        s = torch.cat((angle.cos(), angle.sin()), -1).to(weight.dtype)
        encoded: Tensor = self.w2(F.silu(self.w1(s)))
        raw: Tensor = self.w5(F.silu(encoded)).unflatten(-1, (self.layers, 4, -1))
        one = torch.tensor([0.0, 0.0, 1.0, 1.0], device=raw.device, dtype=raw.dtype)
        return encoded, raw + one[:, None]

    def encode(self, t: float) -> Tensor:
        """TE(t), shape (d_model,)."""
        return self.both(t)[0]

    def forward(self, t: float) -> Tensor:
        """Scales of loop t: (layers, 4, d_model) in the order α1, α2, γ1, γ2, in the paper's sense."""
        return self.both(t)[1]


class Model(nn.Module):
    """A transformer of the family above. Tokens in, one state per loop out, logits read from any state."""

    cells: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        d = config.d_model
        self.token = nn.Embedding(config.vocab, d)
        if config.positions == "learned":
            self.place = nn.ModuleList([nn.Embedding(config.length, d)])
        elif config.positions == "board":
            self.place = nn.ModuleList(nn.Embedding(math.isqrt(config.length), d) for _ in ("row", "column", "box"))
        elif config.positions == "halves":
            self.place = nn.ModuleList((nn.Embedding(2, d), nn.Embedding(config.length // 2, d)))
        else:
            self.place = nn.ModuleList()
        self.register_buffer("cells", place_indices(config), persistent=False)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.gain = nn.Parameter(torch.ones(d))
        self.head = nn.Linear(d, config.vocab, bias=False)
        self.timestep: TimestepEncoding | None = None
        self.always: tuple[
            Intervention, ...
        ] = ()  # done to every run, before what a run is asked for (`looped.runs.variants`)
        self.initialise()

    def initialise(self) -> None:
        """The released code of 2410.01405: all weights N(0, 0.02), the projections that write to the stream smaller by
        √(2 · layers). 0.02 suits its width of 768; "scaled" keeps the size of what a narrower layer puts out. Then the
        timestep encoding with PyTorch's own initialisation and its last layer zero. Relations begin at zero, too."""
        config = self.config
        for name, weight in self.named_parameters():
            if weight.ndim < 2 or name.endswith(("relation", "near")):
                continue
            if config.init == "scaled":
                nn.init.normal_(
                    weight, std=0.5 if name.startswith(("token.", "place.")) else (2 * config.d_model) ** -0.5
                )
            else:
                writes = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * config.layers) if writes else 0.02)
        if config.architecture == "tmlt":
            self.timestep = TimestepEncoding(config)
            nn.init.zeros_(self.timestep.w5.weight)
            nn.init.zeros_(self.timestep.w5.bias)

    @property
    def parameters_count(self) -> int:
        return sum(p.numel() for p in self.parameters())

    @property
    def last_t(self) -> float:
        """The largest timestep that a loop is given unless a run is asked for another one."""
        return self.config.trained_loops - 1 if self.config.held else math.inf

    def embed(self, tokens: Tensor) -> Tensor:
        """tokens (batch, positions) of whole numbers below vocab → P (batch, positions, d_model)."""
        n = tokens.shape[-1]
        if n > self.config.length:
            raise ValueError(f"{n} tokens are too many: this model has {self.config.length} positions.")
        embedded: Tensor = self.token(tokens)
        for table, index in zip(self.place, self.cells, strict=True):
            embedded = embedded + table(index[:n])
        return embedded

    def injected(self, embedded: Tensor, change: Input) -> Tensor:
        """The embedded input (batch, positions, d_model) with other tokens, at all positions or at those of the change."""
        tokens = torch.tensor(change.tokens, device=embedded.device)
        if change.positions is None:
            return self.embed(tokens[None])
        positions = torch.tensor(change.positions, device=embedded.device)
        other = self.token(tokens)
        for table, index in zip(self.place, self.cells, strict=True):
            other = other + table(index[positions])
        return embedded.index_copy(1, positions, other.expand(len(embedded), -1, -1))

    def start(self, embedded: Tensor) -> Tensor:
        """h[0]: zero with input injection (2311.12424), the embedded input without."""
        return torch.zeros_like(embedded) if self.config.injection else embedded

    def read(self, h: Tensor, embedded: Tensor) -> Tensor:
        """What the block reads in one loop, from the state before it and the embedded input, both (batch, positions, d_model)."""
        if not self.config.injection:
            return h
        x = h + embedded
        if not self.config.feedback:
            return x
        fed: Tensor = self.readout(h).softmax(-1).to(x.dtype) @ self.token.weight
        return x + fed

    def step(
        self, state: State, embedded: Tensor, record: bool = False, interventions: Sequence[Intervention] = ()
    ) -> State:
        """One loop: the state after t loops → the state after t + 1, under the interventions that act (`unroll` has checked them)."""
        t, h, interventions = state.loop, state.hidden, (*self.always, *interventions)
        acting = [change for change in interventions if change.acts(t)]
        for change in acting:
            if isinstance(change, Input):
                embedded = self.injected(embedded, change)
        x = self.read(h, embedded)
        layers = self.layers[t : t + 1] if self.config.architecture == "standard" else self.layers
        scales = edited_scales(self.timestep, t, acting, self.last_t) if self.timestep is not None else None
        attention = []
        for index, layer in enumerate(layers):
            edit = edit_of(acting, index, x.shape[1], self.config.causal, x.device)
            x, weights = layer(x, None if scales is None else scales[index], record, edit)
            attention.append(weights)
        if self.config.state_norm:
            x = norm(x)
        kept = None
        if record:  # a view where there is one layer, not another copy of every loop's weights
            kept = attention[0].unsqueeze(1) if len(attention) == 1 else torch.stack(attention, 1)
        return State(t + 1, patched(x, t + 1, interventions), kept, scales)

    def advance(self, h: Tensor, embedded: Tensor, t: Tensor) -> Tensor:
        """One loop of inputs that are at different loops t (batch,), as training carries them on: `step` without records and interventions."""
        x = self.read(h, embedded)
        scales = (
            self.timestep.work_out(t)[1].movedim(0, 2).unsqueeze(3) if self.timestep is not None else None
        )  # (layers, 4, batch, 1, d_model)
        for index, layer in enumerate(self.layers):
            x, _ = layer(x, None if scales is None else scales[index])
        return norm(x) if self.config.state_norm else x

    def unroll(
        self,
        tokens: Tensor,
        loops: int | None = None,
        record: bool = False,
        interventions: Sequence[Intervention] = (),
        start: State | None = None,
    ) -> Iterator[State]:
        """Yield the state before the first loop, then the state after each of `loops` loops (default: as trained).

        tokens (batch, positions). With `record` every state carries the attention of the step that made it.
        Any number of loops may be asked for, more than were trained too; a standard transformer has only its layers.
        With `start` the run goes on from that state, which is yielded first, up to `loops` loops in all.
        """
        loops, done = self.config.trained_loops if loops is None else loops, start.loop if start else 0
        if loops < 1:
            raise ValueError(f"loops is {loops}; at least one loop must be run.")
        if not 0 <= done < loops:
            raise ValueError(f"a run of {loops} loops cannot start after {done} of them.")
        if self.config.architecture == "standard" and loops > self.config.layers:
            raise ValueError(
                f"a standard transformer cannot be run for {loops} loops: it has {self.config.layers} layers, each applied once."
            )
        embedded = self.embed(tokens)
        state = start or State(0, self.start(embedded))
        if state.hidden.shape != embedded.shape:
            raise ValueError(
                f"the run starts from a state of shape {tuple(state.hidden.shape)}; {tuple(embedded.shape)} was expected."
            )
        check(interventions, self.sizes(loops, tokens.shape[-1]))
        state = state._replace(hidden=patched(state.hidden, done, (*self.always, *interventions)))
        yield state
        for _ in range(done, loops):
            state = self.step(state, embedded, record, interventions)
            yield state

    def sizes(self, loops: int, positions: int) -> Sizes:
        """Of a run, for `looped.model.interventions.check`."""
        c = self.config
        layers = 1 if c.architecture == "standard" else c.layers
        return Sizes(loops, positions, layers, c.heads, c.d_model, c.vocab, self.timestep is not None, c.injection)

    def readout(self, hidden: Tensor) -> Tensor:
        """Logits (..., vocab) that the output head gives for a hidden state (..., d_model) of any loop."""
        logits: Tensor = self.head(norm(hidden, self.gain))
        return logits

    def forward(self, tokens: Tensor, loops: int | None = None) -> Tensor:
        """Logits (batch, positions, vocab) after the last loop."""
        for state in self.unroll(tokens, loops):
            last = state.hidden
        return self.readout(last)


def place_indices(config: Config) -> Tensor:
    """Which row of each position table a position uses: (tables, length)."""
    position = torch.arange(config.length)
    if config.positions == "learned":
        return position[None]
    if config.positions == "board" and config.box is not None:
        side, (rows, columns) = math.isqrt(config.length), config.box
        row, column = position // side, position % side
        return torch.stack((row, column, row // rows * rows + column // columns))
    if config.positions == "halves":
        return torch.stack((position // (config.length // 2), position % (config.length // 2)))
    return position.new_empty((0, config.length))
