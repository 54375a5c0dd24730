// Colours of the page, as every program that reads an SVG understands them.

const swatches = new Map();
let swatch = null;
const twoDigits = (part) => part.toString(16).padStart(2, "0");
// Any CSS colour → #rrggbb, which every program that reads an SVG understands.
/** @type {(text: string) => string} */
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

// Colours that tell groups apart, on a light and on a dark page; every group is named beside them.
const GROUPS = [
  "#0b62a4 #b84a00 #1a7f5a #8e3a9d #8a6100 #137282 #b3266e #5c6470 #5a4fcf".split(" "),
  "#6db7f0 #ffa14f #6fd3a4 #d69be6 #e3c15b #5fd0dc #ff8fc0 #b9c0cc #a9a2ff".split(" "),
];
const dark = (colour) => parseInt(colour.slice(1, 3), 16) < 128;

// The colours by name, as the style sheet has them at an element.
/** @type {(style: CSSStyleDeclaration) => Object<string, string|string[]>} */
export function readColours(style) {
  const found = NAMES.map((name) => [name, plainColour(style.getPropertyValue(`--ls-${name}`).trim())]);
  const colours = Object.fromEntries(found);
  return { ...colours, groups: GROUPS[dark(colours.background) ? 1 : 0] };
}

/** @type {(colour: string) => boolean} whether a colour, #rrggbb, is darker than middle grey */
export function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}
