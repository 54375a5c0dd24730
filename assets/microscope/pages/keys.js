// What keys do on the whole page. What they do on the face is said by each page (faceKey).

/** @typedef {import("./page.js").Page} Page */

/** @type {[string, string][]} keys of the clock on every page, and what they do */
export const CLOCK_KEYS = [
  ["Space", "play or pause"],
  ["Home, End", "first and last {loop} (of the range, if there is one)"],
  ["Page Up, Page Down", "one {loop} back or on, from anywhere (also a presenter's remote)"],
  ["[ and ] and \\", "start, end and clear the range that is played"],
];
/** @type {[string, string][]} keys of the whole page, the last of a list */
export const STAGE_KEYS = [
  ["P", "presenter mode: one large panel"],
  ["N", "the next panel in presenter mode"],
  ["?", "this list"],
];

// Keys that move the clock.
/** @type {Object<string, (clock: import("../core/clock.js").LoopClock) => void>} */
export const MOVES = {
  ArrowLeft: (clock) => clock.go(clock.loop - 1),
  ArrowRight: (clock) => clock.go(clock.loop + 1),
  PageUp: (clock) => clock.go(clock.loop - 1),
  PageDown: (clock) => clock.go(clock.loop + 1),
  Home: (clock) => clock.go(clock.ends[0]),
  End: (clock) => clock.go(clock.ends[1]),
  "[": (clock) => clock.bound(0),
  "]": (clock) => clock.bound(1),
  "\\": (clock) => clock.setRange(null),
};

/** @type {(page: Page, event: KeyboardEvent) => void} */
export function pageKey(page, event) {
  if (event.defaultPrevented || page.dialog?.open) return;
  const target = event.composedPath()[0];
  const { slider } = page.clockBar;
  const field = target.closest?.("input, select, textarea, [contenteditable]");
  if (field && field !== slider && field.type !== "checkbox") return;
  page.inputKey(event);
  if (event.defaultPrevented || commanded(event)) return;
  const onButton = target.closest?.("button, summary, a, [role=tab], input[type=checkbox]");
  if (act(page, event, field === slider, onButton)) event.preventDefault();
}

// Whether the key belongs to the browser. [ and ] need AltGr on many keyboards, which Windows reports as Ctrl+Alt.
/** @type {(event: KeyboardEvent) => boolean} */
export function commanded(event) {
  const bracket = /^[[\]\\]$/.test(event.key) && (event.altKey || event.getModifierState("AltGraph"));
  return event.metaKey || ((event.ctrlKey || event.altKey) && !bracket);
}

// Does what the key means; false when it means nothing here.
function act(page, event, onSlider, onButton) {
  const { clock } = page;
  const { presenting } = page.state.layout;
  if (event.code === "Space") {
    if (onButton) return false;
    clock.toggle();
  } else if (Object.hasOwn(MOVES, event.key)) {
    if (onSlider && event.key.startsWith("Arrow")) return false; // the slider moves by itself
    MOVES[event.key](clock);
  } else if (event.key === "?") page.openKeys();
  else if (/^p$/i.test(event.key)) presenting ? page.present(null) : page.stage.begin();
  else if (/^n$/i.test(event.key) && presenting) page.stage.next(1);
  else if (event.key === "Escape") escape(page);
  else return false;
  return true;
}

// Esc: the nearest thing that is open goes first, wherever the pointer happens to rest.
function escape(page) {
  const { choice, layout } = page.state;
  const open = [...page.root.querySelectorAll("details[open]")];
  if (open.length) open.forEach(closeDetails);
  else if (layout.presenting) page.present(null);
  else if (choice.held) page.release();
  else if (choice.hover != null) page.release();
}

// Close a menu or a note. A focus inside of it goes to its button, not to the body.
/** @type {(details: Element) => void} */
export function closeDetails(details) {
  const within = details.contains(document.activeElement);
  if (within) details.querySelector("summary").focus({ preventScroll: true });
  details.open = false;
}

// Copy and paste mean what is typed, unless a field, a dialog or marked text means them.
/** @type {(page: Page, event: ClipboardEvent) => void} */
export function pageClipboard(page, event) {
  const target = event.composedPath()[0];
  const marked = event.type === "copy" && !getSelection().isCollapsed;
  if (page.dialog?.open || target.closest?.("input, select, textarea") || marked) return;
  event.preventDefault();
  if (event.type === "copy") event.clipboardData.setData("text/plain", page.state.typed.entry);
  else page.paste(event.clipboardData.getData("text/plain"));
}
