"""Modules joined to one."""

from __future__ import annotations

import pytest

from looped.export.bundle import COMMENT, bundle, imports, in_order, read


def test_modules_stand_after_those_they_import() -> None:
    modules = read()
    order = in_order(modules, "main.js")
    assert order[-1] == "main.js"
    for name in order:
        for _, other in imports(name, modules[name]):
            assert order.index(other) < order.index(name)


def test_the_bundle_is_the_same_every_time_and_imports_nothing() -> None:
    found = bundle(read())
    assert found == bundle(dict(reversed(read().items())))
    assert not any(line.startswith("import ") for line in found.splitlines())
    assert "export default m" in found
    assert "export const show = m" in found


def test_comments_on_lines_of_their_own_are_left_out() -> None:
    source = (
        "// What it is.\n\n/** @type {number} */\nexport const a = 1; // kept\n"
        "  // inside\n/**\n * @param {string} b * 2\n */\nexport function c(b) {\n"
        '  return "/** b */" + b; /* kept */\n}\n'
    )
    found = bundle({"main.js": source})
    assert "What it is" not in found
    assert "inside" not in found
    assert "@" not in found
    assert 'const a = 1; // kept\nfunction c(b) {\n  return "/** b */" + b; /* kept */\n}' in found


def test_no_text_of_a_module_has_a_line_that_begins_like_a_comment() -> None:
    """It would be left out of the text, too. Before each comment as many template texts have ended as have begun."""
    for name, source in read().items():
        for comment in COMMENT.finditer(source):
            before = COMMENT.sub("", source[: comment.start()])
            assert before.count("`") % 2 == 0, (name, comment[0])


def test_a_circle_is_named() -> None:
    modules = {
        "main.js": 'import { a } from "./a.js";\n',
        "a.js": 'import { b } from "./b.js";\nexport const a = 1;\n',
        "b.js": 'import { a } from "./a.js";\nexport const b = 1;\n',
    }
    with pytest.raises(ValueError, match=r"in a circle: main\.js → a\.js → b\.js → a\.js\."):
        bundle(modules)


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"main\.js imports gone\.js, which is not there\."):
        bundle({"main.js": 'import { a } from "./gone.js";\n'})


@pytest.mark.parametrize("line", ['import * as a from "./a.js";', "export { a };", 'export * from "./a.js";'])
def test_what_cannot_be_joined_is_said(line: str) -> None:
    with pytest.raises(ValueError, match=r"main\.js: this import or export cannot be joined"):
        bundle({"main.js": f"const a = 1;\n{line}\n", "a.js": "export const a = 1;\n"})
