// A board as text, one sign a cell: "." for a blank, a digit for a clue of the puzzle, a letter for what a person
// entered ("c" for a 3). Page and server write it to each other so; looped/tasks/sudoku/text.py reads the same.

const LETTERS = "abcdefghi";

/**
 * @param {string} text
 * @returns {{ entry: string, own: Set<number> }} digits and dots, and the cells that a person filled in
 */
export function readBoard(text) {
  const own = new Set([...text].flatMap((sign, i) => (LETTERS.includes(sign) ? [i] : [])));
  return { entry: text.replace(/[a-i]/g, (letter) => LETTERS.indexOf(letter) + 1), own };
}

/** @type {(n: number) => Set<string>[]} a board without pencil marks */
export const noMarks = (n) => Array.from({ length: n }, () => new Set());

/** @type {(marks: Set<string>[]) => string|null} pencil marks in a link, "2-13,7-4": cell and digits; null for none */
export function writeMarks(marks) {
  return marks.flatMap((digits, i) => (digits.size ? [`${i}-${[...digits].sort().join("")}`] : [])).join() || null;
}

/** @type {(text: string|null, n: number) => Set<string>[]} what `writeMarks` wrote of n cells; all else is skipped */
export function readMarks(text, n) {
  const marks = noMarks(n);
  for (const [, cell, digits] of (text ?? "").matchAll(/\b(\d{1,2})-([1-9]+)/g)) {
    if (Number(cell) < n) marks[Number(cell)] = new Set([...digits].filter((digit) => Number(digit) ** 2 <= n));
  }
  return marks;
}

/** @type {(entry: string, own: Set<number>) => string} */
export function writeBoard(entry, own) {
  return Array.from(entry, (sign, i) => (own.has(i) && sign !== "." ? LETTERS[Number(sign) - 1] : sign)).join("");
}
