// Words that a newcomer cannot know, found in a text. The entries are those of assets/docs/glossary.md; whoever reads
// the modules to serve them (looped/export/bundle.py) puts them here.

/** @typedef {[string, string[], string]} Entry word, other forms of it, what it means */

/** @type {Entry[]} */
export const ENTRIES = [];

/** @type {(entries: Entry[]) => (text: string, known: Set<number>) => (string|[string, number])[]} what splits a text
 *   into plain parts and words with the number of their entry; entries in `known` are left alone, and what is found is
 *   added to it, so that a word is marked once */
export function finder(entries) {
  const numbers = new Map();
  entries.forEach(([word, forms], i) => [word, ...forms].forEach((form) => numbers.set(form.toLowerCase(), i)));
  // The longest form first, so that “fixed point” is not found in “fixed points”.
  const longest = [...numbers.keys()].sort((a, b) => b.length - a.length);
  const escaped = longest.map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const any = new RegExp(`(?<![\\p{L}-])(${escaped.join("|") || "(?!)"})(?![\\p{L}-])`, "giu");
  return (text, known) => {
    const parts = [];
    let at = 0;
    for (const found of text.matchAll(any)) {
      const number = numbers.get(found[0].toLowerCase());
      if (known.has(number)) continue;
      known.add(number);
      if (found.index > at) parts.push(text.slice(at, found.index));
      parts.push([found[0], number]);
      at = found.index + found[0].length;
    }
    if (at < text.length) parts.push(text.slice(at));
    return parts;
  };
}
