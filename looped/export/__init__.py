"""A view as a folder that can be made again."""
