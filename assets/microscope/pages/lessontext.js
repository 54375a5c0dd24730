// The sentences of a lesson: *emphasis*, **strong** and `code`, and nothing else of Markdown. They become elements by
// textContent, so that nothing in a lesson's file is run.

import { h } from "../core/elements.js";

const MARKS = [
  ["**", "strong"],
  ["*", "em"],
  ["`", "code"],
];
const SPLIT = /(\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`)/;

/** @type {(text: string) => HTMLElement} */
export function paragraph(text) {
  const parts = text.split(SPLIT).filter(Boolean);
  return h("p", {}, ...parts.map(inline));
}

function inline(part) {
  const found = MARKS.find(([mark]) => part.length > 2 * mark.length && part.startsWith(mark) && part.endsWith(mark));
  if (!found) return part;
  const [mark, tag] = found;
  return h(tag, {}, part.slice(mark.length, -mark.length));
}
