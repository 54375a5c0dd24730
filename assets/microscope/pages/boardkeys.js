// What a key means on a Sudoku board.

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const LETTERS = { w: "ArrowUp", a: "ArrowLeft", s: "ArrowDown", d: "ArrowRight" };
const ERASE = ["Backspace", "Delete"];

/**
 * @param {KeyboardEvent} event
 * @returns {{ move?: [number, number], digit?: string, kind?: string, command?: string }|null}
 *   move: rows down and columns right; kind: how a digit is written; null when the key means nothing
 */
export function readKey(event) {
  const command = event.ctrlKey || event.metaKey;
  const { digit, shifted } = readDigit(event);
  // On many keyboards that is how [ and ] are written.
  if (event.altKey || event.getModifierState("AltGraph")) return null;
  const arrow = digit ? null : arrowOf(event, command);
  if (arrow) return { move: MOVES[arrow] };
  const erases = digit === "0" || digit === ".";
  if (digit && !erases && shifted) return { digit, kind: "corner" };
  if (digit && !erases && command) return { digit, kind: "centre" };
  if (command) return commandOf(event);
  if (erases || ERASE.includes(event.key)) return { command: "erase" };
  if (digit) return { digit, kind: "digit" };
  return event.key === "Escape" ? { command: "escape" } : null;
}

// The digit of a key, and whether Shift is held: with Shift a browser names the keys of the numpad Home, End, ….
function readDigit(event) {
  const numpad = /^Numpad([0-9])$/.exec(event.code)?.[1];
  const plain = /^[0-9]$/.test(event.key);
  const shifted = event.shiftKey || (!!numpad && !plain && event.getModifierState("NumLock"));
  const row = /^Digit([0-9])$/.exec(event.code)?.[1];
  if (row) return { digit: row, shifted };
  if (numpad && (shifted || plain)) return { digit: numpad, shifted };
  return { digit: /^[0-9.]$/.test(event.key) ? event.key : null, shifted };
}

function arrowOf(event, command) {
  if (Object.hasOwn(MOVES, event.key)) return event.key;
  return command || event.altKey ? null : LETTERS[event.key.toLowerCase()];
}

function commandOf(event) {
  const key = event.key.toLowerCase();
  if (key === "z") return { command: event.shiftKey ? "redo" : "undo" };
  if (key === "y") return { command: "redo" };
  return key === "a" ? { command: "all" } : null;
}
