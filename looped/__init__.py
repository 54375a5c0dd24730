"""Loopscope's library: real looped transformers, recorded loop by loop.

>>> import looped
>>> checkpoint = looped.load("sudoku4-tmlt")
>>> board = checkpoint.task.parse(".3244..32.3..1.2")
>>> trace = looped.record(checkpoint.model, checkpoint.task.encode(board), loops=8)
>>> trace.hidden.shape, trace.attention.shape, trace.alpha1.shape
((9, 16, 64), (8, 1, 4, 16, 16), (8, 1, 64))
>>> bool(checkpoint.task.right(trace.tokens, trace.answers[-1]))
True
"""

from looped.catalogue.checkpoints import Checkpoint, CheckpointError, names
from looped.catalogue.checkpoints import load_checkpoint as load
from looped.export.notebook import show
from looped.model import Config, Model, State
from looped.runs.trace import Trace, record

__version__ = "0.1.0"

__all__ = ["Checkpoint", "CheckpointError", "Config", "Model", "State", "Trace", "load", "names", "record", "show"]
