// What figures are drawn on: a canvas on the screen, or an SVG that is written with the same strokes.

// The part of a canvas's 2-D context that the figures use; what they draw becomes SVG elements with inline styles.
class SvgPen {
  constructor(width, height) {
    this.size = [width, height];
    this.parts = [];
    this.path = "";
    fresh(this, "sans-serif");
  }
  number(x) { return Number(x.toFixed(2)); }
  stroked() { return `fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" stroke-linejoin="round"${this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : ""}${this.faint()}`; }
  filled() { return `fill="${this.fillStyle}"${this.faint()}`; }
  faint() { return this.globalAlpha < 1 ? ` opacity="${this.number(this.globalAlpha)}"` : ""; }
  setLineDash(dash) { this.dash = dash; }
  beginPath() { this.path = ""; }
  moveTo(x, y) { this.path += `M${this.number(x)} ${this.number(y)}`; }
  lineTo(x, y) { this.path += `L${this.number(x)} ${this.number(y)}`; }
  closePath() { this.path += "Z"; }
  arc(x, y, r) { this.path += `M${this.number(x - r)} ${this.number(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`; }  // only whole circles are drawn
  stroke() { this.parts.push(`<path d="${this.path}" ${this.stroked()}/>`); }
  fill() { this.parts.push(`<path d="${this.path}" ${this.filled()}/>`); }
  rectangle(x, y, width, height, style) { this.parts.push(`<rect x="${this.number(x)}" y="${this.number(y)}" width="${this.number(width)}" height="${this.number(height)}" ${style}/>`); }
  fillRect(x, y, width, height) { this.rectangle(x, y, width, height, this.filled()); }
  strokeRect(x, y, width, height) { this.rectangle(x, y, width, height, this.stroked()); }
  words(text, x, y, style) {
    const anchor = { left: "start", center: "middle", right: "end" }[this.textAlign], escaped = String(text).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const middle = this.textBaseline === "middle" ? ' dominant-baseline="central"' : "";
    this.parts.push(`<text x="${this.number(x)}" y="${this.number(y)}" text-anchor="${anchor}"${middle} style="font:${this.font.replaceAll('"', "'")}" ${style}>${escaped}</text>`);
  }
  fillText(text, x, y) { this.words(text, x, y, this.filled()); }
  strokeText(text, x, y) { this.words(text, x, y, this.stroked()); }
  measureText(text) {  // as wide as a canvas draws it
    this.ruler ||= document.createElement("canvas").getContext("2d");
    this.ruler.font = this.font;
    return this.ruler.measureText(text);
  }
  text(background) {
    const [width, height] = this.size;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="${background}"/>${this.parts.join("")}</svg>`;
  }
}

// Nothing is left of what was painted before.
function fresh(pen, font) {
  Object.assign(pen, { lineWidth: 1, globalAlpha: 1, textBaseline: "alphabetic", textAlign: "left", lineJoin: "round", font: `12px ${font}` });
  pen.setLineDash([]);
}

// A canvas's pen, ready for `paint`: everything is drawn for text of 16 pixels and grows with it on a large screen.
function canvasPen(canvas, zoom, font) {
  const ratio = (devicePixelRatio || 1) * zoom, width = canvas.clientWidth / zoom, height = canvas.clientHeight / zoom;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  fresh(pen, font);
  return { pen, width, height };
}

const swatches = new Map();
let swatch = null;
// Any CSS colour → #rrggbb, which every program that reads an SVG understands.
function plainColour(text) {
  if (!swatches.has(text)) {
    swatch ||= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    swatch.fillStyle = text;
    swatch.fillRect(0, 0, 1, 1);
    swatches.set(text, `#${[...swatch.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part.toString(16).padStart(2, "0")).join("")}`);
  }
  return swatches.get(text);
}

// Text that stays readable on top of lines.
function label(pen, colours, text, x, y, colour) {
  pen.strokeStyle = colours.background;
  pen.lineWidth = 4;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function curve(pen, count, x, y, colour, dash = [], thick = 2) {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.setLineDash(dash);
  pen.beginPath();
  let drawing = false;
  for (let t = 1; t <= count; t++) {
    const at = y(t);
    if (!Number.isFinite(at)) { drawing = false; continue; }
    if (drawing) pen.lineTo(x(t), at);
    else pen.moveTo(x(t), at);
    drawing = true;
  }
  pen.stroke();
  pen.setLineDash([]);
}

const AXIS = { left: 44, right: 12 };
const loopX = (width, loops) => (t) => AXIS.left + (width - AXIS.right - AXIS.left) * (loops > 1 ? (t - 1) / (loops - 1) : 0.5);
const loopAt = (x, width, loops) => clamp(Math.round(1 + (x - AXIS.left) / (width - AXIS.right - AXIS.left) * (loops - 1)), 1, loops);

// The loop axis under a chart: ticks, the trained loops, the clock's hand. Returns loop → x.
function loopAxis(pen, colours, width, top, bottom, loops, trained, t, x = loopX(width, loops)) {
  const right = width - AXIS.right;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath(); pen.moveTo(AXIS.left, bottom); pen.lineTo(right, bottom); pen.stroke();
  pen.fillStyle = colours.muted;
  pen.textAlign = "right";
  pen.fillText("loop", AXIS.left - 6, bottom + 14);
  pen.textAlign = "center";
  const every = [1, 2, 4, 5, 8, 16, 32, 64].find((step) => loops / step <= 9) ?? 64;
  for (let s = every; s <= loops; s += every) pen.fillText(s, x(s), bottom + 14);
  if (trained <= loops) {
    pen.setLineDash([4, 4]);
    pen.strokeStyle = colours.muted;
    pen.beginPath(); pen.moveTo(x(trained), top); pen.lineTo(x(trained), bottom); pen.stroke();
    pen.setLineDash([]);
    const atEnd = x(trained) > right - 60;
    pen.textAlign = atEnd ? "right" : "left";
    label(pen, colours, "trained", x(trained) + (atEnd ? -4 : 4), top + 8, colours.muted);
  }
  if (t) {
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.beginPath(); pen.moveTo(x(t), top); pen.lineTo(x(t), bottom); pen.stroke();
  }
  return x;
}
