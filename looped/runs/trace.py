"""The trace: everything one run of a model computed, loop by loop, as plain arrays; and runs that go on from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch

from looped.model.interventions import SCALES as SCALES
from looped.model.interventions import Intervention
from looped.model import Model, State


@dataclass(frozen=True, eq=False)
class Trace:
    """One recorded run of `loops` loops. Read-only float32 arrays on the CPU; the first axis is the loop.

    hidden[t] is the state after t loops, so hidden[0] is the state before the first. attention[t], logits[t] and the
    scales belong to the loop that turns hidden[t] into hidden[t + 1]: logits[t] is the readout of hidden[t + 1].
    Raises ValueError when shapes disagree or when attention is not a distribution.
    """

    tokens: np.ndarray  # (positions,) int64
    hidden: np.ndarray  # (loops + 1, positions, d_model)
    attention: np.ndarray  # (loops, layers, heads, positions, positions); [..., i, j] is how much i attends to j
    logits: np.ndarray  # (loops, positions, vocab), before the softmax
    alpha1: np.ndarray | None = None  # (loops, layers, d_model), multiplies the output of the attention branch; TMLT
    alpha2: np.ndarray | None = None  # (loops, layers, d_model), multiplies the output of the MLP branch; TMLT
    gamma1: np.ndarray | None = None  # (loops, layers, d_model), multiplies the normalised input of attention; TMLT
    gamma2: np.ndarray | None = None  # (loops, layers, d_model), multiplies the normalised input of the MLP; TMLT
    difference: float = (
        0.0  # max |Δ| over all loops and positions between the recorded and the plain forward's hidden states
    )

    def __post_init__(self) -> None:
        for name, axes in (("hidden", 3), ("attention", 5), ("logits", 3)):
            if getattr(self, name).ndim != axes or getattr(self, name).size == 0:
                raise ValueError(
                    f"a trace's {name} has shape {getattr(self, name).shape}; it needs {axes} axes, none of them empty."
                )
        loops, (layers, _, n, _), d = self.loops, self.attention.shape[1:], self.hidden.shape[-1]
        expected = {
            "tokens": (n,),
            "hidden": (loops + 1, n, d),
            "attention": (loops, *self.attention.shape[1:3], n, n),
            "logits": (loops, n, self.logits.shape[-1]),
        } | dict.fromkeys(SCALES, (loops, layers, d))
        for name, array in self.arrays().items():
            if array.shape != expected[name]:
                raise ValueError(f"a trace's {name} has shape {array.shape}; {expected[name]} was expected.")
            array.flags.writeable = False
        if len({getattr(self, name) is None for name in SCALES}) != 1:
            raise ValueError("a trace has all four timestep vectors or none of them.")
        if self.attention.min() < 0:
            raise ValueError("attention weights must not be negative.")
        off = float(np.abs(self.attention.sum(-1) - 1).max())
        if not off < 1e-4:
            raise ValueError(f"attention rows must sum to one; one is off by {off:.2g}.")

    @property
    def loops(self) -> int:
        return len(self.attention)

    @property
    def probabilities(self) -> np.ndarray:
        """Softmax of the logits: (loops, positions, vocab), rows sum to one."""
        e = np.exp(self.logits - self.logits.max(-1, keepdims=True))
        p: np.ndarray = e / e.sum(-1, keepdims=True)
        return p

    @property
    def answers(self) -> np.ndarray:
        """The token with the largest logit after each loop: (loops, positions) int64."""
        best: np.ndarray = self.logits.argmax(-1)
        return best

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays that are there, by name."""
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: array for name, array in named.items() if isinstance(array, np.ndarray)}

    def save(self, file: str | Path) -> None:
        """Write the arrays to an .npz (not compressed: that takes longer than the run) under the names above, and `difference`."""
        with open(file, "wb") as out:  # np.savez would add .npz to a name without it
            np.savez(out, difference=np.float64(self.difference), **self.arrays())  # type: ignore[arg-type]

    @classmethod
    def load(cls, file: str | Path) -> Trace:
        """Read what `save` wrote; never unpickles."""
        with np.load(file, allow_pickle=False) as kept:
            values = {name: kept[name] for name in kept.files}
        return cls(**values | {"difference": float(values["difference"])})


def record(
    model: Model,
    tokens: np.ndarray,
    loops: int | None = None,
    verify: bool = True,
    interventions: Sequence[Intervention] = (),
) -> Trace:
    """Run `model` on tokens (positions,) for `loops` loops (default: as trained) and keep everything.

    With `verify` the plain forward, with PyTorch's fused attention, is run beside it and `Trace.difference` is the
    largest absolute difference between the two runs' hidden states; without, it is NaN: not measured. Both runs are under
    the same interventions, if any. The model is only read, so any number of threads may record from it at once.
    Raises ValueError for tokens outside the vocabulary and for interventions that this run cannot have.
    """
    tokens = np.asarray(tokens)
    if tokens.ndim != 1:
        raise ValueError(f"record takes one sequence (positions,), not an array of shape {tokens.shape}.")
    if tokens.size == 0 or tokens.dtype.kind not in "iu" or tokens.min() < 0 or tokens.max() >= model.config.vocab:
        raise ValueError(f"tokens must be whole numbers from 0 to {model.config.vocab - 1}.")
    return _run(model, tokens.astype(np.int64), loops, verify, interventions)


def replay(
    model: Model,
    trace: Trace,
    loop: int,
    loops: int | None = None,
    verify: bool = True,
    interventions: Sequence[Intervention] = (),
) -> Trace:
    """The same run again from the state after `loop` loops, up to `loops` loops in all (default: as many as before).

    Only the loops from `loop` on are run, under the interventions; what came before is taken from the trace, so that the
    two runs can be compared on one clock. Without interventions the result is the run that was recorded, or more loops of
    it. For a trace that was recorded under interventions give them again. `difference` is the larger one of the two parts.
    Raises ValueError for a state that the trace does not hold.
    """
    if not 0 <= loop <= trace.loops:
        raise ValueError(f"this trace has states after 0 to {trace.loops} loops, none after {loop}.")
    return _run(model, trace.tokens, trace.loops if loops is None else loops, verify, interventions, trace, loop)


@torch.inference_mode()
def _run(
    model: Model,
    tokens: np.ndarray,
    loops: int | None,
    verify: bool,
    interventions: Sequence[Intervention],
    before: Trace | None = None,
    done: int = 0,
) -> Trace:
    """Record the loops from `done` on and put them behind the first `done` loops of `before`."""
    weight = next(model.parameters())
    batch = torch.tensor(tokens, device=weight.device)[None]
    start = (
        State(done, torch.tensor(before.hidden[done], device=weight.device, dtype=weight.dtype)[None])
        if before
        else None
    )
    states = list(model.unroll(batch, loops, True, interventions, start))
    hidden = torch.stack([state.hidden[0] for state in states])
    difference = float("nan")
    if verify:
        plain = torch.stack([state.hidden[0] for state in model.unroll(batch, loops, False, interventions, start)])
        difference = float((hidden - plain).abs().max())
    arrays = {
        "hidden": _array(hidden),
        "attention": _array(torch.stack([s.attention[0] for s in states[1:] if s.attention is not None])),
    }
    arrays |= _scales(states[1:])
    if before:
        difference = float(np.maximum(difference, before.difference))  # NaN where either was not measured
        arrays = {name: np.concatenate([before.arrays()[name][:done], array]) for name, array in arrays.items()}
        hidden = torch.tensor(arrays["hidden"], device=weight.device, dtype=weight.dtype)
    return Trace(tokens=tokens, logits=_array(model.readout(hidden[1:])), difference=difference, **arrays)


def _array(tensor: torch.Tensor) -> np.ndarray:
    array: np.ndarray = tensor.float().cpu().numpy()
    return array


def _scales(states: list[State]) -> dict[str, np.ndarray]:
    kept = [state.scales for state in states if state.scales is not None]
    if not kept:
        return {}
    stacked = _array(torch.stack(kept))  # (loops, layers, 4, d_model)
    return {name: np.ascontiguousarray(stacked[:, :, i]) for i, name in enumerate(SCALES)}
