"""Looped models: the protocol every one of them offers, and the family of the two papers."""

from looped.model.family import Config, Model, State

__all__ = ["Config", "Model", "State"]
