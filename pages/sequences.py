"""Sequences: type two words or a Countdown problem and watch a looped transformer work on it, loop by loop."""

from looped.ui import sequences

sequences.page()
