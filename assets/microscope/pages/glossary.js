// The glossary where words stand: a word with a dotted line is a button that opens its entry beside it.

import { h } from "../core/elements.js";
import { ENTRIES, finder } from "../core/glossary.js";

const GAP = 6; // pixels between a word and its entry, and between that and the edge of the window
const split = finder(ENTRIES);
const told = new WeakMap(); // element → the text that was put into it

function term(word, number) {
  const onclick = (event) => prepare(event.currentTarget, number);
  return h("button", { type: "button", class: "ls-term", onclick }, word);
}

/** @type {(text: string, known?: Set<number>) => (string|Element)[]} a text as parts of an element */
export function withTerms(text, known = new Set()) {
  const parts = split(text, known).map((found) => (typeof found === "string" ? found : term(...found)));
  return parts.flatMap((part, i) => (typeof part === "string" ? loose(parts, i) : [bound(parts, i)]));
}

const OPENS = /[([“‘]+$/;
const CLOSES = /^[)\].,;:!?”’%]+/;
const signs = (text, pattern) => (typeof text === "string" && pattern.exec(text)?.[0]) || "";

// A button with the signs that stand against it: a line may break before and behind a button, but not between these.
function bound(parts, i) {
  const [before, behind] = [signs(parts[i - 1], OPENS), signs(parts[i + 1], CLOSES)];
  return before || behind ? h("span", { class: "ls-bound" }, before, parts[i], behind) : parts[i];
}

// A text between buttons without the signs that are bound to them.
function loose(parts, i) {
  let text = parts[i];
  if (i > 0) text = text.slice(signs(text, CLOSES).length);
  if (i + 1 < parts.length) text = text.slice(0, text.length - signs(text, OPENS).length);
  return text ? [text] : [];
}

// Put a text into an element, if it is another one than before; a word that had the focus keeps it.
/** @type {(element: Element, text: string) => void} */
export function tellTerms(element, text) {
  if (told.get(element) === text) return;
  told.set(element, text);
  const word = element.contains(document.activeElement) ? document.activeElement.textContent : null;
  element.replaceChildren(...withTerms(text));
  if (word === null) return;
  const same = [...element.querySelectorAll(".ls-term")].find((one) => one.textContent === word);
  same?.focus({ preventScroll: true });
}

// Put words into an element of which one leads to an entry that it does not name by itself.
/** @type {(element: Element, before: string, word: string, entry: string) => void} */
export function tellTerm(element, before, word, entry) {
  const text = `${before}${word}`;
  if (told.get(element) === text) return;
  told.set(element, text);
  const number = ENTRIES.findIndex(([title]) => title === entry);
  element.replaceChildren(before, term(word, number));
}

// The browser opens and closes what a button names as its target; the entry is made with the first click.
function prepare(word, number) {
  if (word.popoverTargetElement) return;
  const [title, , text] = ENTRIES[number];
  const ontoggle = ({ newState }) => {
    if (newState === "open") {
      place(entry, word.getBoundingClientRect());
      entry.focus({ preventScroll: true });
    } else {
      word.popoverTargetElement = null;
      entry.remove();
    }
  };
  const onkeydown = (event) => event.key === "Escape" && event.stopPropagation(); // it closes nothing else
  const about = { class: "ls-entry", popover: "auto", role: "dialog", "aria-label": title, tabindex: -1 };
  const entry = h("div", { ...about, ontoggle, onkeydown }, h("p", {}, h("strong", {}, title), " · ", text));
  word.closest(".ls").append(entry);
  word.popoverTargetElement = entry;
}

// Below the word, or above it where there is no room; never off the screen.
function place(entry, { left, top, bottom }) {
  const { clientWidth, clientHeight } = document.documentElement;
  const most = clientWidth - entry.offsetWidth - GAP;
  const below = bottom + GAP + entry.offsetHeight <= clientHeight;
  entry.style.left = `${Math.max(GAP, Math.min(left, most))}px`;
  entry.style.top = `${below ? bottom + GAP : Math.max(GAP, top - GAP - entry.offsetHeight)}px`;
}
