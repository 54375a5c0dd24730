// The sentences of a lesson: *emphasis*, **strong** and `code`, and nothing else of Markdown. They become elements by
// textContent, so that nothing in a lesson's file is run.

import { h } from "../core/elements.js";
import { withTerms } from "./glossary.js";

const MARKS = [
  ["**", "strong"],
  ["*", "em"],
  ["`", "code"],
];
const SPLIT = /(\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`)/;

/** @type {(text: string) => HTMLElement} */
export function paragraph(text) {
  const parts = text.split(SPLIT).filter(Boolean);
  const known = new Set(); // a word of the glossary is marked once
  return h("p", {}, ...parts.flatMap((part) => inline(part) ?? withTerms(part, known)));
}

function inline(part) {
  const found = MARKS.find(([mark]) => part.length > 2 * mark.length && part.startsWith(mark) && part.endsWith(mark));
  if (!found) return null;
  const [mark, tag] = found;
  return h(tag, {}, part.slice(mark.length, -mark.length));
}
