// Colours of the page, as every program that reads an SVG understands them.

const swatches = new Map();
let swatch = null;
const twoDigits = (part) => part.toString(16).padStart(2, "0");
// Any CSS colour → #rrggbb, which every program that reads an SVG understands.
export function plainColour(text) {
  if (!swatches.has(text)) {
    swatch ||= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
      willReadFrequently: true,
    });
    swatch.fillStyle = text;
    swatch.fillRect(0, 0, 1, 1);
    swatches.set(text, `#${[...swatch.getImageData(0, 0, 1, 1).data.subarray(0, 3)].map(twoDigits).join("")}`);
  }
  return swatches.get(text);
}

const NAMES = ["text", "muted", "line", "soft", "background", "accent", "warm", "cool", "wrong"];

// The colours by name, as the style sheet has them at an element.
export function readColours(style) {
  return Object.fromEntries(NAMES.map((name) => [name, plainColour(style.getPropertyValue(`--ls-${name}`).trim())]));
}

/** @returns {boolean} whether a colour, #rrggbb, is darker than middle grey */
export function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}
