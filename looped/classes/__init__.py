"""A class together: one teacher, a code, and students whose pages follow and who answer on their own devices.

`session` is one class, `book` all of them with their bounds, `counting` what the class answered, in bars and as CSV,
`invitation` the code, the key and the picture of the link, `quiz` ten questions for before and after. Nothing is
written to disk and nobody has a name: a student is a random word that its browser keeps until the tab is closed. The
teacher's browser keeps the key until the class is ended, so that a page that was closed can lead again.
"""

from __future__ import annotations

from looped.classes.book import Classes
from looped.classes.session import ClassError, ClassSession

__all__ = ["ClassError", "ClassSession", "Classes"]
