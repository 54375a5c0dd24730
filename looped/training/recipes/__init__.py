"""Recipes: how each checkpoint of the catalogue is made, as data; a file for each group of tasks, with its RECIPES."""

from importlib import import_module
from pkgutil import iter_modules

from looped.training.recipes.form import Recipe, Stage

RECIPES: dict[str, Recipe] = {}
for found in iter_modules(__path__):
    for recipe in getattr(import_module(f"{__name__}.{found.name}"), "RECIPES", ()):
        RECIPES[recipe.name] = recipe

__all__ = ["RECIPES", "Recipe", "Stage"]
