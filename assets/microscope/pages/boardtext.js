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

/** @type {(entry: string, own: Set<number>) => string} */
export function writeBoard(entry, own) {
  return Array.from(entry, (sign, i) => (own.has(i) && sign !== "." ? LETTERS[Number(sign) - 1] : sign)).join("");
}
