"""Lessons: findings about the checkpoints, and how every lens is computed."""

from looped.ui.lessons import page

page()
