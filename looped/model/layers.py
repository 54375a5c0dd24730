"""One layer of the family: an attention branch and an MLP branch, and the small functions that they consist of."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from looped.model import neighbourhood
from looped.model.config import Config
from looped.model.interventions import Edit

Attend = Callable[[Tensor, Tensor, bool, Edit | None], tuple[Tensor, Tensor | None]]
"""An attention branch: `Layer.attend`, or what takes its place."""
EPS = 1e-6  # added to the mean square inside the norm


def norm(x: Tensor, gain: Tensor | None = None) -> Tensor:
    """Return the root-mean-square norm N over the last axis, with or without a learned gain."""
    return F.rms_norm(x, x.shape[-1:], gain, EPS)


def whole_size(x: Tensor) -> Tensor:
    """Return the Euclidean norm of x (batch, positions, d_model) over all positions: (batch,)."""
    size: Tensor = torch.linalg.vector_norm(x.flatten(1), dim=1)
    return size


def hardmax(scores: Tensor) -> Tensor:
    """Return the limit of softmax at temperature zero: all mass on the largest score, shared by ties.

    Source: arXiv 2410.01405, appendix.
    """
    largest = (scores == scores.amax(-1, keepdim=True)).to(scores.dtype)
    return largest / largest.sum(-1, keepdim=True)


def rotate(x: Tensor) -> Tensor:
    """Apply the rotary position code to (..., positions, width).

    Pair k of position p turns by p · 10000^(-2k/width).
    """
    positions, width = x.shape[-2:]
    frequency = 10000 ** (-torch.arange(0, width, 2, device=x.device, dtype=torch.float32) / width)
    angle = torch.arange(positions, device=x.device, dtype=torch.float32)[:, None] * frequency
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


def place_indices(config: Config) -> Tensor:
    """Return which row of each position table a position uses: (tables, length)."""
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


def shared_relations(config: Config) -> Tensor:
    """Return which relations two cells of a board have: (4, length, length), row, column, box, same cell; 1 or 0."""
    index = place_indices(config)  # (3, length)
    same = index[:, :, None] == index[:, None]
    itself = torch.eye(config.length, dtype=torch.bool)[None]
    return torch.cat((same, itself)).float()


def causal_mask(positions: int, device: torch.device) -> Tensor:
    """Return what a causal model blocks, (positions, positions) bool: row i may not attend to columns after i."""
    return torch.ones(positions, positions, dtype=torch.bool, device=device).triu(1)


def attention_weights(q: Tensor, k: Tensor, bias: Tensor | None, blocked: Tensor | None, hard: bool) -> Tensor:
    """Return the weights of attention, (batch, heads, positions, positions), rows sum to one.

    q, k (batch, heads, positions, width per head); bias (1, heads, positions, positions) is added to the scores;
    blocked (positions, positions) bool; hard takes hardmax in place of softmax.
    """
    scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)
    if bias is not None:
        scores = scores + bias
    if blocked is not None:
        scores = scores.masked_fill(blocked, -torch.inf)
    return hardmax(scores) if hard else scores.softmax(-1)


def fused_attention(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, blocked: Tensor | None, causal: bool
) -> Tensor:
    """Return softmax(q·k/√width + bias) · v by PyTorch's fused attention: (batch, heads, positions, width per head)."""
    if bias is not None:
        mask = bias if blocked is None else bias.masked_fill(blocked, -torch.inf)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    if blocked is not None:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=~blocked)
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal)


class Layer(nn.Module):
    """One attention branch and one MLP branch, each normalised before and added to the stream after."""

    shared: Tensor
    biases: dict[int, Tensor] | None = None  # for relations, by the number of positions; None: nothing is cached

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
        # (heads, 4): what a head has learned of row, column, box, the same cell
        self.relation = nn.Parameter(torch.zeros(config.heads, 4)) if config.relations else None
        # (heads, 9): what a head has learned of each offset in the neighbourhood
        self.near = (
            nn.Parameter(torch.zeros(config.heads, neighbourhood.NEIGHBOURS))
            if config.attention_to == "neighbourhood"
            else None
        )
        if config.relations:
            self.register_buffer("shared", shared_relations(config), persistent=False)  # (4, length, length)

    def forward(
        self,
        x: Tensor,
        scales: Tensor | None = None,
        record: bool = False,
        edit: Edit | None = None,
        attend: Attend | None = None,
        wrote: list[Tensor] | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the new x, and the attention weights when they are recorded.

        x (batch, positions, d_model); scales (4, d_model) or (4, batch, 1, d_model) for a TMLT. `attend` takes the
        place of the method of that name in a model with attention of another form. `wrote` is given the sizes (batch,)
        of what the two branches add to x.
        """
        mlp = edit is None or edit.mlp
        attend = attend or self.attend
        if scales is None:
            u = norm(x, self.gain1)
            branch, weights = attend(u, x if self.config.values == "as released" else u, record, edit)
        else:
            u = norm(x) * scales[2]
            branch, weights = attend(u, u, record, edit)
            branch = scales[0] * branch
        x = x + branch
        second = self.second_branch(x, scales) if mlp else None
        if wrote is not None:
            wrote += (whole_size(torch.zeros_like(x) if added is None else added) for added in (branch, second))
        return (x if second is None else x + second), weights

    def second_branch(self, x: Tensor, scales: Tensor | None) -> Tensor:
        """Return what the MLP branch adds to x (batch, positions, d_model); scales as in `forward`."""
        if scales is not None:
            return scales[1] * self.feed_forward(norm(x) * scales[3])
        return self.feed_forward(x if self.config.values == "as released" else norm(x, self.gain2))

    def feed_forward(self, u: Tensor) -> Tensor:
        """Return the output of the MLP branch for its input u, both (batch, positions, d_model)."""
        output: Tensor = self.down(self.activate(self.up(u)))
        return output

    def activate(self, x: Tensor) -> Tensor:
        """Apply the MLP's activation function to x (batch, positions, mlp · d_model)."""
        if self.config.activation == "gelu":
            return F.gelu(x)
        if self.training:
            # The same values. PyTorch's ReLU keeps a mask of truth values for the backward pass; compiled for bfloat16
            # on a CPU, reading and writing that mask takes as long as all else in a step.
            return (x + x.abs()) / 2
        return F.relu(x)

    def attend(self, u: Tensor, values: Tensor, record: bool, edit: Edit | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the output of the attention branch, and the weights when they are recorded.

        u, values (batch, positions, d_model). The plain forward uses PyTorch's fused attention, which returns no
        weights; the recorded one multiplies them out. `record` measures the difference between the two.
        """
        q, k, v = self.by_head(u, values)  # (batch, heads, positions, width per head) each
        if self.near is not None:
            mixed, by_neighbour = self._attend_near(q, k, v, self.near, edit)
            return self.written(mixed, edit), by_neighbour if record else None
        bias = self._relation_bias(u.shape[1], q.dtype)  # (1, heads, positions, positions)
        hard = self.config.attention == "hardmax"
        if edit is not None and edit.temperature is not None:
            hard = edit.temperature == 0
            q = q if hard else q / edit.temperature
            bias = bias if hard or bias is None else bias / edit.temperature
        # The fused attention's backward pass in bfloat16 on a CPU takes six times as long as the multiplied-out one.
        slow = q.dtype == torch.bfloat16 and q.device.type == "cpu" and torch.is_grad_enabled()
        explicit = record or slow or hard
        blocked = None if edit is None else edit.blocked
        if self.config.causal and blocked is None and (explicit or bias is not None):
            blocked = causal_mask(u.shape[1], u.device)
        weights = None
        if explicit:
            weights = attention_weights(q, k, bias, blocked, hard)
            mixed = weights @ v
        else:
            mixed = fused_attention(q, k, v, bias, blocked, self.config.causal)
        return self.written(mixed, edit), weights

    def _attend_near(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor, edit: Edit | None) -> tuple[Tensor, Tensor]:
        """Return the mixed values (batch, heads, positions, width per head) and the weights (…, positions, 9)."""
        rows, blocked = neighbourhood.square(q.shape[2]), None
        temperature = 0.0 if self.config.attention == "hardmax" else 1.0
        if edit is not None:
            temperature = temperature if edit.temperature is None else edit.temperature
            if edit.blocked is not None:
                blocked = neighbourhood.near(edit.blocked, neighbourhood.neighbour_table(rows, rows).to(q.device))
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        mixed, weights = neighbourhood.attend(q, k, v, bias, rows, temperature, blocked)
        return mixed.transpose(1, 2), weights

    def written(self, mixed: Tensor, edit: Edit | None) -> Tensor:
        """Return what the heads (batch, heads, positions, width per head) write: (batch, positions, d_model).

        Heads that are cut write nothing.
        """
        if edit is not None and edit.heads:
            mixed = mixed.index_fill(1, torch.tensor(edit.heads, device=mixed.device), 0)
        output: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return output

    def by_head(self, u: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values by head: (batch, heads, positions, width per head) each."""
        if values is u:
            batch, positions, d = u.shape
            heads = self.config.heads
            split = self.qkv(u).view(batch, positions, 3, heads, d // heads)
            q, k, v = split.permute(2, 0, 3, 1, 4).unbind()
        else:
            wq, wk, wv = self.qkv.weight.chunk(3)
            q, k, v = self._split(u @ wq.T), self._split(u @ wk.T), self._split(values @ wv.T)
        if self.config.positions == "rotary":
            q, k = rotate(q), rotate(k)
        return q, k, v

    def _split(self, x: Tensor) -> Tensor:
        """(batch, positions, d_model) → (batch, heads, positions, width per head)."""
        batch, positions, d = x.shape
        heads = self.config.heads
        return x.view(batch, positions, heads, d // heads).transpose(1, 2)

    def _relation_bias(self, positions: int, dtype: torch.dtype) -> Tensor | None:
        """Return what is added to the scores of two cells: (1, heads, positions, positions); None without relations.

        An axis for the batch would make the fused attention take three times as long.
        """
        if self.relation is None:
            return None
        if self.biases is None:
            return self._related(self.relation, positions).to(dtype)
        if positions not in self.biases:
            # Tensors made in inference mode could not be used outside of it.
            with torch.inference_mode(False), torch.no_grad():
                self.biases[positions] = self._related(self.relation, positions)
        return self.biases[positions].to(dtype)

    def _related(self, relation: Tensor, positions: int) -> Tensor:
        """Return the bias of each head for two cells: (1, heads, positions, positions)."""
        return torch.einsum("hr,rij->hij", relation, self.shared[:, :positions, :positions])[None]
