"""Recipes: how each checkpoint of the catalogue is made, as data; a file for each group of tasks."""

from looped.training.recipes.form import Recipe, Stage
from looped.training.recipes.paths import PATHS
from looped.training.recipes.sequences import SEQUENCES
from looped.training.recipes.sudoku import SUDOKU

RECIPES = {recipe.name: recipe for recipe in (*SUDOKU, *SEQUENCES, *PATHS)}

__all__ = ["RECIPES", "Recipe", "Stage"]
