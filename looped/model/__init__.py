"""Looped models: the protocol that every one of them offers, the registry, and the family of the two papers."""

from looped.model.config import Config
from looped.model.family import Model
from looped.model.seam import LoopedModel, State

__all__ = ["Config", "LoopedModel", "Model", "State"]
