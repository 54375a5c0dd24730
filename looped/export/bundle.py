"""Join the browser's ES modules to one module, for a page or a notebook that has no server to load them from.

The modules are those of `assets/microscope`, written in a part of the language that this file can join without a
parser: imports are `import { a, b } from "./file.js";` or `import name from "./file.js";`, exports stand before a
declaration. Each module becomes a function that is called once, after those it imports, and returns what it exports; so
names of two modules never meet. Comments that stand on lines of their own are left out, a seventh of what would travel;
no text of a module may have a line that begins like one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from posixpath import dirname, join, normpath

from looped.export.glossary import entries
from looped.places import resource

ASSETS = resource("assets/microscope")
GLOSSARY = "core/glossary.js"
IMPORT = re.compile(r'^import\s+(\{[^}]*\}|\w+)\s+from\s+"([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (async function\*?|function\*?|class|const|let) (\w+)", re.MULTILINE)
DEFAULT = re.compile(r"^export default (?:(?P<kind>async function|function|class) (?P<name>\w+))?", re.MULTILINE)
COMMENT = re.compile(r"^ *(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)
LEFT_OVER = re.compile(r"^(import|export)\b.*$", re.MULTILINE)


def read(folder: Path = ASSETS) -> dict[str, str]:
    """Read all modules of a folder: address relative to the folder → source; the glossary with its entries."""
    found = {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in sorted(folder.rglob("*.js"))}
    if GLOSSARY in found:
        told = json.dumps([[entry.word, entry.forms, entry.text] for entry in entries()], ensure_ascii=False)
        found[GLOSSARY] = found[GLOSSARY].replace("ENTRIES = [];", f"ENTRIES = {told};")
    return found


def imports(name: str, source: str) -> list[tuple[str, str]]:
    """List what a module imports: (names in braces or one default name, address relative to the folder).

    >>> imports("panels/a.js", 'import { b } from "../core/b.js";\\n')
    [('{ b }', 'core/b.js')]
    """
    return [(what, normpath(join(dirname(name), address))) for what, address in IMPORT.findall(source)]


def in_order(modules: Mapping[str, str], entry: str) -> list[str]:
    """Order the modules that the entry needs so that each stands after those it imports.

    Raises ValueError for an import of a module that is not there, and for modules that import each other in a circle.
    """
    done: list[str] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in done:
            return
        if name in way:
            raise ValueError(f"These modules import each other in a circle: {' → '.join((*way, name))}.")
        if name not in modules:
            raise ValueError(f"{way[-1]} imports {name}, which is not there.")
        for _, other in imports(name, modules[name]):
            visit(other, (*way, name))
        done.append(name)

    visit(entry, ())
    return done


def wrap(name: str, source: str, numbers: Mapping[str, int]) -> str:
    """Write a module as a function that is called once; its exports are then the constant m<number>."""
    lines = []
    for what, other in imports(name, source):
        exported = f"m{numbers[other]}"
        bound = what.replace(" as ", ": ") if what.startswith("{") else f"{{ default: {what} }}"
        lines.append(f"const {' '.join(bound.split())} = {exported};")
    exports = {exported: exported for _, exported in EXPORT.findall(source)}
    body = EXPORT.sub(r"\1 \2", COMMENT.sub("", IMPORT.sub("", source)))
    if found := DEFAULT.search(body):
        exports["default"] = found["name"] or "default_"
        body = DEFAULT.sub(f"{found['kind']} {found['name']}" if found["name"] else "const default_ = ", body)
    if wrong := LEFT_OVER.search(body):
        raise ValueError(f"{name}: this import or export cannot be joined: {wrong[0]!r}")
    given = ", ".join(f"{exported}: {local}" for exported, local in exports.items())
    return f"const m{numbers[name]} = (() => {{\n{chr(10).join(lines)}\n{body}\nreturn {{ {given} }};\n}})();\n"


def joined(modules: Mapping[str, str], entry: str = "main.js") -> tuple[str, str]:
    """Join the modules that an entry needs to one script, which exports nothing.

    Returns the script and the name of the constant that holds what the entry exports. Raises ValueError in one sentence
    for what cannot be joined.
    """
    order = in_order(modules, entry)
    numbers = {name: number for number, name in enumerate(order)}
    return "".join(wrap(name, modules[name], numbers) for name in order), f"m{numbers[entry]}"


def bundle(modules: Mapping[str, str], entry: str = "main.js") -> str:
    """Join modules to one, which exports what the entry exports. The same modules give the same text.

    Raises ValueError in one sentence for what cannot be joined.

    >>> main = 'import { a } from "./a.js";\\nexport const b = a + 1;\\n'
    >>> print(bundle({"main.js": main, "a.js": "export const a = 1;\\n"}))
    const m0 = (() => {
    <BLANKLINE>
    const a = 1;
    <BLANKLINE>
    return { a: a };
    })();
    const m1 = (() => {
    const { a } = m0;
    const b = a + 1;
    <BLANKLINE>
    return { b: b };
    })();
    export const b = m1.b;
    <BLANKLINE>
    """
    whole, last = joined(modules, entry)
    exported = "".join(f"export const {name} = {last}.{name};\n" for _, name in EXPORT.findall(modules[entry]))
    return whole + exported + (f"export default {last}.default;\n" if DEFAULT.search(modules[entry]) else "")
