"""Theory: the theorem of 2410.01405 as a machine that runs; function, input and sizes are in your hands."""

from looped.ui import theory

theory.page()
