"""Models: the card of every checkpoint, with its learning curve."""

from looped.ui import models

models.page()
