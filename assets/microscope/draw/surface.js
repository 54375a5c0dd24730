// What figures are drawn on: a canvas on the screen, or an SVG that is written with the same strokes.

/** @typedef {import("../core/types.js").Pen} Pen */

// The part of a canvas's 2-D context that the figures use; what they draw becomes SVG elements with inline styles.
/** Draws as SVG what a canvas would show: the part of CanvasRenderingContext2D that the painters use. */
export class SvgPen {
  /** @param {number} width @param {number} height in pixels */
  constructor(width, height) {
    this.size = [width, height];
    this.parts = [];
    this.path = "";
    fresh(this, "sans-serif");
  }
  /** @type {(x: number) => number} */
  number(x) {
    return Number(x.toFixed(2));
  }
  stroked() {
    return (
      `fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" ` +
      `stroke-linejoin="round"${this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : ""}${this.faint()}`
    );
  }
  filled() {
    return `fill="${this.fillStyle}"${this.faint()}`;
  }
  faint() {
    return this.globalAlpha < 1 ? ` opacity="${this.number(this.globalAlpha)}"` : "";
  }
  /** @type {(dash: number[]) => void} */
  setLineDash(dash) {
    this.dash = dash;
  }
  /** @type {(x: number, y: number) => void} */
  translate(x, y) {
    this.parts.push(`<g transform="translate(${this.number(x)} ${this.number(y)})">`);
  }
  // Ends what `translate` began; a canvas needs `save` before, an SVG does not.
  save() {}
  restore() {
    this.parts.push("</g>");
  }
  beginPath() {
    this.path = "";
  }
  /** @type {(x: number, y: number) => void} */
  moveTo(x, y) {
    this.path += `M${this.number(x)} ${this.number(y)}`;
  }
  /** @type {(x: number, y: number) => void} */
  lineTo(x, y) {
    this.path += `L${this.number(x)} ${this.number(y)}`;
  }
  closePath() {
    this.path += "Z";
  }
  /** @type {(x: number, y: number, r: number) => void} */
  arc(x, y, r) {
    this.path += `M${this.number(x - r)} ${this.number(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  } // only whole circles are drawn
  stroke() {
    this.parts.push(`<path d="${this.path}" ${this.stroked()}/>`);
  }
  fill() {
    this.parts.push(`<path d="${this.path}" ${this.filled()}/>`);
  }
  rectangle(x, y, width, height, style) {
    this.parts.push(
      `<rect x="${this.number(x)}" y="${this.number(y)}" width="${this.number(width)}" ` +
        `height="${this.number(height)}" ${style}/>`,
    );
  }
  /** @type {(x: number, y: number, width: number, height: number) => void} */
  fillRect(x, y, width, height) {
    this.rectangle(x, y, width, height, this.filled());
  }
  /** @type {(x: number, y: number, width: number, height: number) => void} */
  strokeRect(x, y, width, height) {
    this.rectangle(x, y, width, height, this.stroked());
  }
  /** @type {(text: string, x: number, y: number, style: string) => void} */
  words(text, x, y, style) {
    const anchor = { left: "start", center: "middle", right: "end" }[this.textAlign];
    const escaped = String(text).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const middle = this.textBaseline === "middle" ? ' dominant-baseline="central"' : "";
    this.parts.push(
      `<text x="${this.number(x)}" y="${this.number(y)}" text-anchor="${anchor}"${middle} ` +
        `style="font:${this.font.replaceAll('"', "'")}" ${style}>${escaped}</text>`,
    );
  }
  /** @type {(text: string, x: number, y: number) => void} */
  fillText(text, x, y) {
    this.words(text, x, y, this.filled());
  }
  /** @type {(text: string, x: number, y: number) => void} */
  strokeText(text, x, y) {
    this.words(text, x, y, this.stroked());
  }
  /** @type {(text: string) => TextMetrics} */
  measureText(text) {
    // as wide as a canvas draws it
    this.ruler ||= document.createElement("canvas").getContext("2d");
    this.ruler.font = this.font;
    return this.ruler.measureText(text);
  }
  /** @type {(background: string) => string} */
  text(background) {
    const [width, height] = this.size;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ` +
      `${width} ${height}"><rect width="${width}" height="${height}" ` +
      `fill="${background}"/>${this.parts.join("")}</svg>`
    );
  }
}

// Erases what was painted before.
/** @type {(pen: Pen, font: string) => Pen} */
export function fresh(pen, font) {
  Object.assign(pen, {
    lineWidth: 1,
    globalAlpha: 1,
    textBaseline: "alphabetic",
    textAlign: "left",
    lineJoin: "round",
    font: `12px ${font}`,
  });
  pen.setLineDash([]);
}

/** @type {(canvas: HTMLCanvasElement) => [number, number]} width and height on the screen, in pixels of the page */
export function measured(canvas) {
  return [canvas.clientWidth, canvas.clientHeight];
}

// A canvas's pen, ready to draw: everything is drawn for text of 16 pixels and grows with it on a large screen. `box`
// was measured when all elements had their place.
/** @type {(canvas: HTMLCanvasElement, box: [number, number], zoom: number, font: string) => { pen: Pen,
 *   width: number, height: number }} */
export function canvasPen(canvas, box, zoom, font) {
  const ratio = (devicePixelRatio || 1) * zoom;
  const [width, height] = box.map((side) => side / zoom);
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  fresh(pen, font);
  return { pen, width, height };
}

// One straight line.
/** @type {(pen: Pen, x0: number, y0: number, x1: number, y1: number) => void} */
export function segment(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

// A filled circle.
/** @type {(pen: Pen, x: number, y: number, radius: number) => void} */
export function disc(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.fill();
}
