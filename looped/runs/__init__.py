"""Runs of a model: record and replay them, and write down as text what is changed in one."""
