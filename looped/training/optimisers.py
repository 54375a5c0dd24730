"""The learning rate of a step, and the optimisers that use it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from looped.model import LoopedModule
from looped.training.recipes import Recipe


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the learning rate of a step: in every stage linear warm-up to its peak, then half a cosine to zero."""
    index, step = recipe.stage(step)
    stage = recipe.stages[index]
    if step < recipe.warmup:
        return stage.lr * (step + 1) / recipe.warmup
    progress = (step - recipe.warmup) / max(1, stage.steps - recipe.warmup)
    return stage.lr * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def make_optimizers(recipe: Recipe, model: LoopedModule) -> list[torch.optim.Optimizer]:
    """Return AdamW for all weights; or Muon for the matrices of the model's `layers` and AdamW for the rest.

    Muon (Jordan et al., 2024) makes the singular values of a step equal, so that no direction of a matrix is left
    behind. Its steps are scaled to the size of AdamW's (arXiv 2502.16982), so that one learning rate serves both.
    """
    matrices = []
    if recipe.optimizer == "muon":
        matrices = [p for name, p in model.named_parameters() if name.startswith("layers.") and p.ndim == 2]
    taken = set(map(id, matrices))
    rest = [p for p in model.parameters() if id(p) not in taken]
    decay = recipe.weight_decay if recipe.decay_rest else 0.0
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, betas=recipe.betas, weight_decay=decay, fused=True)
    ]
    if matrices:
        optimizers.append(torch.optim.Muon(matrices, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"))
    return optimizers


def optimizer_of(optimizers: list[torch.optim.Optimizer], p: Tensor) -> torch.optim.Optimizer:
    """Return the one that moves the weights p."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            if any(p is q for q in group["params"]):
                return optimizer
    raise ValueError(f"no optimiser moves these weights of shape {tuple(p.shape)}.")


def set_learning_rate(optimizers: list[torch.optim.Optimizer], rate: float) -> None:
    """Give all weights the same learning rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
