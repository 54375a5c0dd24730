"""The glossary: every entry is a word that the app uses, and every word that a newcomer cannot know has an entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from looped.export.bundle import GLOSSARY, read
from looped.export.glossary import Entry, entries
from looped.lenses.fixed_point import AT_REST, Verdict, told
from looped.places import resource

STRINGS = re.compile(r'"[^"\n]*"|`[^`]*`')
TEXTS = {
    name: " ".join(found.strip('"`') for found in STRINGS.findall(source))
    for name, source in read().items()
    if name != GLOSSARY
}
SAID = " ".join(TEXTS.values()) + " ".join(
    file.read_text("utf-8")
    for folder in ("looped/lenses", "looped/serving")
    for file in sorted((Path(__file__).resolve().parents[2] / folder).glob("*.py"))
)
THOUSANDTH = {1e-3: "a thousandth"}
LESSONS = " ".join(file.read_text("utf-8") for file in sorted(resource("assets/lessons").glob("*.md")))
FORMS = {form.lower() for entry in entries() for form in (entry.word, *entry.forms)}
# What people outside the field do not know, wherever a panel, a page or a lesson says it.
JARGON = re.compile(
    r"\b(TMLTs?|timesteps?|timestep scales?|timestep encoding|readout|principal (?:components?|directions?)|residuals?"
    r"|fixed points?|heads?|injection|probes?|overthinking|entropy|logits?|softmax|rollout|spectral radius|Lipschitz"
    r"|hidden states?|MLP|attention|at rest|c[ao]mes? to rest|settle[sd]?|basins?|checkpoints?|block|trained loops"
    r"|mean rank)\b",
    re.IGNORECASE,
)


def found(form: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(form)}(?![\w-])", text, re.IGNORECASE) is not None


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.word)
def test_every_entry_is_a_word_that_is_on_screen(entry: Entry) -> None:
    assert any(found(form, f"{SAID} {LESSONS}") for form in (entry.word, *entry.forms))


@pytest.mark.parametrize("name", [name for name in TEXTS if name.startswith("panels/")])
def test_every_word_of_a_panel_that_a_newcomer_cannot_know_has_an_entry(name: str) -> None:
    assert {word.lower() for word in JARGON.findall(TEXTS[name])} - FORMS == set()


def test_every_such_word_of_a_lesson_has_an_entry() -> None:
    assert {word.lower() for word in JARGON.findall(LESSONS)} - FORMS == set()


@pytest.mark.parametrize("name", ["resting", "fixed", "convergence", "layerwise", "distances", "trajectory", "farther"])
def test_answers_settle_and_states_come_to_rest(name: str) -> None:
    """Each word has its entry, so a panel about states must not use that of answers."""
    said = re.sub(r"\$\{[^}]*\}", "", " ".join(STRINGS.findall(read()[f"panels/{name}.js"])))
    assert found("h", said) or found("loop", said)
    assert not re.search(r"settle", said, re.IGNORECASE)


def test_the_verdict_on_a_state_is_that_it_is_at_rest() -> None:
    moves = Verdict("closing in", None, "Closing in.", "")
    assert told(Verdict("reached", 3, "Reached.", ""), right=True) == "At rest, and right. Reached."
    assert told(moves, right=False) == "Not at rest yet, and wrong. Closing in."
    texts = {entry.word: entry.text for entry in entries()}
    assert f"less than {THOUSANDTH[AT_REST]} of its length" in texts["At rest"]
    assert "answer" in texts["Settled"]


def test_no_form_leads_to_two_entries() -> None:
    forms = [form.lower() for entry in entries() for form in (entry.word, *entry.forms)]
    assert sorted(forms) == sorted(set(forms))


def test_the_modules_hold_the_entries_of_the_document(tmp_path: Path) -> None:
    served = read()[GLOSSARY]
    assert all(entry.text in served for entry in entries())
    long = tmp_path / "long.md"
    long.write_text("# Glossary\n\n## Word\n\n" + "word " * 61, "utf-8")
    with pytest.raises(ValueError, match=r"^long\.md: 'Word' must have one paragraph of at most 60 words\.$"):
        entries(long)
