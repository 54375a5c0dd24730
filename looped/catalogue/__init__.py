"""Checkpoints on disk: find, load, verify, save and measure them."""
