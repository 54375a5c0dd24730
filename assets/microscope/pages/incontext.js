// The In-context page: examples of a function, put on a plane by mouse, touch, keys or as text, or sampled; and what
// the model, which is shown nothing else, predicts of that function loop by loop.

import { SequenceGeometry } from "../core/geometry.js";
import { button, h } from "../core/elements.js";
import { openText } from "./dialog.js";
import { DrawnPage } from "./drawn.js";
import { Flips } from "./flips.js";
import { CLOCK_KEYS, STAGE_KEYS } from "./keys.js";
import { maps } from "./maps.js";
import { plane } from "./plane.js";
import { Hand } from "./planehand.js";
import { pressPrompt } from "./planekeys.js";
import { coordinate, height, predicted } from "./promptruns.js";
import { askedOf, rowsOf, textOf } from "./prompttext.js";
import { describePrompt, helpOfPrompt, tableOfPrompt, wordsOfPoints } from "./promptwords.js";
import { Sampled } from "./sampled.js";
import { scatter } from "./scatter.js";

/** @typedef {import("../core/types.js").PageParts} PageParts */
/** @typedef {import("../core/types.js").PromptForm} PromptForm */

const MOST = 60; // examples of a plane, where the task does not say
const SIDES = ["left", "top", "width", "height"];
const SURFACE = {
  title: "The function in space",
  figures: [
    ["surface", "Predicted, and true as a net"],
    ["error", "Predicted − true"],
  ],
  says: "point at the surface to read its height",
};
const REST = 800; // milliseconds after which the same key begins another step of undo

// Examples, then queries.
class PromptGeometry extends SequenceGeometry {
  /** @param {object} meta of the message */
  constructor(meta) {
    super(meta.layout);
    this.examples = meta.example_count;
    this.dims = meta.dims;
  }
}

/**
 * The In-context page.
 * @implements {PageParts}
 */
export class InContextPage extends DrawnPage {
  static page = "in-context";
  static many = false;
  static shows = [
    ["answer", "Prediction"],
    ["attention", "Attention"],
    ["solution", "Error"],
    ["versus", "A against B"],
  ];
  static panels = ["error", "descent", "reach", "convergence", "trajectory", "distances"];
  static questions = [
    "influence",
    "error",
    "descent",
    "reach",
    "flow",
    "distances",
    "orbits",
    "fixed",
    "similarity",
    "lyapunov",
    "linear",
    "encoding",
    "exits",
    "sizes",
    "shifts",
    "weights",
    "farther",
    "bias",
    "layers",
    "adaptive",
    "tables",
    "methods",
    "sweep",
    "multistep",
  ];
  static keys = [
    ["← →", "one {loop} back or on (on the prompt: another query)"],
    ...CLOCK_KEYS,
    ["↑ ↓, then Enter", "on a query: raise and lower the cross, put an example there"],
    ["E, Shift + E", "on the prompt: the next example, the one before"],
    ["arrows", "on an example: move it (with Shift five times as far)"],
    ["+ and −", "on an example of two dimensions: raise and lower its y"],
    ["Delete", "on an example: remove it"],
    ["1 to 9", "on a row of inputs 1 and −1: flip that input"],
    ["Ctrl + Z, Ctrl + Y", "undo, redo"],
    ["Ctrl + C, Ctrl + V", "copy and paste the prompt as text or CSV"],
    ["Esc", "from an example to the query beside it; let a point go"],
    ...STAGE_KEYS,
  ];
  static touch = [
    ["tap with Points", "put an example; drag one to move it, beyond the edge to remove it"],
    ["drag with Freehand", "put many examples along a line"],
    ["drag with Look", "choose the query that the panels are about"],
    ["tap on x1, x2 … below a prompt of 1 and −1", "flip that input of the chosen row"],
  ];

  // What is typed: entry is the prompt as text; tool is what a press on the plane does; cross is the height at which
  // Enter puts an example.
  inputs() {
    const tools = {
      points: ["Points", "Click to put an example, drag one to move it, double-click to remove it"],
      draw: ["Freehand", "Drag to put many examples along a line, beside those that are there"],
      look: ["Look", "Choose the query that the panels are about"],
    };
    this.addTools("What a press on the plane does", tools, "points");
    this.state.typed.cross = null;
    this.hand = new Hand(this);
    this.sampled = new Sampled(this);
    this.flips = new Flips(this);
    this.toolGroup.dataset.server = "";
    this.methods = this.buttonGroup("Known methods that are drawn, too");
    const turned = "Predicted and true surface, to be turned";
    this.inSpace = button("In 3-D…", turned, () => this.openSpace(SURFACE), "surface");
    this.clear = button("Clear", "Remove all examples", () => this.editing(() => this.write([])));
    return {
      labelled: [h("label", { for: "ls-example" }, "Prompt ", this.bar.example)],
      buttons: [
        button("Another", "A prompt like this with the next seed", () => this.sampled.another(), "another"),
        button("As text…", "Type or paste examples as text or CSV", () => this.openText(), "paste"),
        this.clear,
        this.inSpace,
        ...this.undoing.buttons,
      ],
      below: [this.toolGroup, this.flips.root, this.methods, this.sampled.root],
    };
  }

  get face() {
    return {
      title: "Prompt and prediction",
      drawing: "Examples of a function, and what the model predicts of it",
      help: helpOfPrompt(this.state.run.meta?.dims),
    };
  }

  /** @type {number} */
  get dims() {
    return this.state.run.meta.dims;
  }

  // How the prompt is drawn.
  /** @type {PromptForm} */
  get form() {
    return this.dims === 1 ? plane : this.dims === 2 ? maps : scatter;
  }

  get faceRatio() {
    return this.form.ratio;
  }

  /** @type {number} */
  get zoom() {
    return this.painter.zoom;
  }

  // ── a prompt arrives ────────────────────────────────────────────────────────────────────────────────────────────

  // Names may be others where as many points are there as before.
  geometryOf(meta, before) {
    const geometry = new PromptGeometry(meta);
    const same = before && ["examples", "n", "dims"].every((name) => geometry[name] === before[name]);
    return same ? Object.assign(before, geometry) : geometry;
  }

  // The chosen query stays the same query, wherever its position has gone; an example that was just put is chosen.
  resize(was) {
    const { choice, draft } = this.state;
    const { cell } = choice;
    super.resize();
    const { geometry, meta } = this.state.run;
    const { examples, n, dims } = geometry;
    const { wish } = draft;
    if (was?.dims !== dims) this.facePanel.retell(); // it is another picture
    let to = meta.layout.cell;
    if (wish != null && wish < examples) to = wish;
    else if (was?.dims === dims && cell >= was.examples) to = Math.min(n - 1, examples + cell - was.examples);
    else if (was?.dims === dims && examples) to = Math.min(cell, examples - 1);
    draft.wish = null;
    this.state.choose(to);
  }

  chooseAsked() {
    if (this.state.draft.fresh) super.chooseAsked();
  }

  firstCell() {
    return this.state.run.meta.layout.cell;
  }

  settable() {
    return [];
  }

  donors() {
    return [];
  }

  layOut() {
    super.layOut();
    this.root.classList.add("ls-plane");
    for (const face of this.faces) this.hand.listen(face);
  }

  arrived(meta, first) {
    const { typed, draft } = this.state;
    draft.rejected = meta.message?.kind === "error" ? draft.pasted : null;
    draft.pasted = null;
    if (this.requests.behind || draft.gesture) return; // the hand has moved on
    const entry = meta.entry ?? (first || draft.resized ? meta.puzzle : typed.entry);
    if (entry !== typed.entry && typed.entry && !draft.ours) this.keep(typed.entry);
    draft.ours = false;
    typed.entry = entry;
  }

  fillControls(current) {
    super.fillControls(current);
    this.undoing.tell();
    this.use(this.state.typed.tool);
    this.toolGroup.hidden = !this.form.frameOf;
    this.clear.hidden = !this.form.frameOf;
    this.inSpace.hidden = this.dims !== 2;
    this.fillMethods();
    this.sampled.fill();
  }

  fillMethods() {
    const { methods } = this.state.run.meta;
    const { lines } = this.state.look;
    const names = methods.map(({ name }) => name);
    for (const name of lines) if (!names.includes(name)) lines.delete(name);
    this.methods.hidden = !methods.length;
    const made = JSON.stringify(methods);
    if (made !== this.made) this.methods.replaceChildren("Beside it:", ...methods.map((one) => this.methodButton(one)));
    this.made = made;
    [...this.methods.children].forEach((one, b) => {
      one.setAttribute("aria-pressed", lines.has(names[b]));
    });
  }

  /** @type {(one: { name: string, label: string }) => HTMLElement} */
  methodButton({ name, label }) {
    const { lines } = this.state.look;
    const onclick = () => {
      if (!lines.delete(name)) lines.add(name);
      this.fillMethods();
      this.changed();
    };
    return h("button", { type: "button", title: `Draw what ${label} predicts from these examples`, onclick }, label);
  }

  // The methods that are drawn belong to a link, too.
  chosen() {
    return { lines: [...this.state.look.lines].join(",") || null };
  }

  beginChosen(link, before) {
    const { run, look } = this.state;
    const names = run.meta.methods.map(({ name }) => name);
    const asked = link.has("lines") ? link.query.get("lines").split(",") : [...(before.lines ?? [])];
    for (const name of asked) if (names.includes(name)) look.lines.add(name);
    if (link.has("lines")) link.several(asked.filter(Boolean), names, "a method");
  }

  // ── the examples, as they are typed ─────────────────────────────────────────────────────────────────────────────

  // Rows [x…, y]: of the text, or of the run where the prompt is sampled.
  /** @type {number[][]} */
  get points() {
    const { entry } = this.state.typed;
    const [view] = this.state.run.views;
    if (this.pointsOf?.entry !== entry || this.pointsOf?.view !== view) {
      const typed = rowsOf(entry).filter((row) => row.at(-1) != null);
      const rows = typed.length || !entry.includes("=") ? typed : pointsOfRun(view);
      this.pointsOf = { entry, view, rows };
    }
    return this.pointsOf.rows;
  }

  // All rows, examples and then queries, whose last number is null; of a sampled prompt the run tells them.
  /** @type {(number|null)[][]} */
  get rows() {
    const { entry } = this.state.typed;
    const { geometry } = this.state.run;
    const typed = rowsOf(entry).filter((row) => row.at(-1) == null);
    const places = Array.from({ length: geometry.n - geometry.examples }, (_, q) => geometry.examples + q);
    const asked = typed.length ? typed : places.map((i) => [...this.positionOf(i), null]);
    return [...this.points, ...asked].map((row) => [...row]);
  }

  // The number of the example that is chosen, null for a query.
  /** @type {number|null} */
  get point() {
    const { cell } = this.state.choice;
    const { examples } = this.state.run.geometry;
    return cell < examples && cell < this.points.length ? cell : null;
  }

  /** @type {number} */
  get most() {
    return this.state.run.meta.settings?.find(({ name }) => name === "examples")?.high ?? MOST;
  }

  /** @type {(points: number[][]) => void} */
  write(points) {
    const asked = rowsOf(this.state.typed.entry).filter((row) => row.at(-1) == null);
    this.change(textOf([...points, ...asked]));
  }

  // Where only queries are others, a sampled prompt keeps its function.
  /** @type {(rows: (number|null)[][], queries: boolean) => void} examples and queries, all of them */
  writeRows(rows, queries) {
    this.change(queries ? askedOf(this.state.typed.entry, rows) : textOf(rows));
  }

  /** @type {(index: number, row: number[]) => string} */
  textWith(index, row) {
    return textOf(this.points.map((one, i) => (i === index ? row : one)));
  }

  // Put an example at x and y of the plane; on a map its y is what is predicted there. False when there is no room.
  /** @type {(point: number[]) => boolean} */
  add(point) {
    if (this.points.length >= this.most) {
      this.say({ kind: "info", text: `A prompt has at most ${this.most} examples.` });
      return false;
    }
    this.state.draft.wish = this.points.length;
    this.write([...this.points, this.dims === 1 ? point : [...point, this.foretold(point)]]);
    return true;
  }

  // Move an example; on a map its y stays.
  /** @type {(index: number, point: number[]) => void} */
  place(index, point) {
    const before = this.points[index];
    if (!before) return;
    const row = this.dims === 1 ? point : [...point, before.at(-1)];
    this.write(this.points.map((one, i) => (i === index ? row : one)));
  }

  /** @type {(index: number) => void} */
  remove(index) {
    this.write(this.points.filter((_, i) => i !== index));
  }

  foretold(point) {
    const t = this.clock.loop;
    const { views, geometry } = this.state.run;
    return t ? predicted(views[0], t, this.nearest(point) - geometry.examples) : 0;
  }

  // The position of the query nearest to a point of the plane.
  /** @type {(point: number[]) => number} */
  nearest(point) {
    const { views, geometry } = this.state.run;
    const [view] = views;
    let [best, least] = [this.firstCell(), Infinity];
    for (let i = geometry.examples; i < geometry.n; i++) {
      let away = 0;
      for (let k = 0; k < this.dims; k++) away += (coordinate(view, i, k) - point[k]) ** 2;
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }

  /** @type {(cell: number) => number[]} */
  positionOf(cell) {
    return Array.from({ length: this.dims }, (_, k) => coordinate(this.state.run.views[0], cell, k));
  }

  // The query a step onward from the chosen one, [right, up].
  /** @type {(step: [number, number]) => number} */
  onward([right, up]) {
    const { cell } = this.state.choice;
    const { geometry, meta, views } = this.state.run;
    const { examples, n } = geometry;
    if (this.dims === 1) return Math.min(n - 1, Math.max(examples, cell + right));
    const across = Math.round(Math.sqrt(views[0].blanks));
    const step = (meta.range[1] - meta.range[0]) / Math.max(1, across - 1);
    const [x, y] = this.positionOf(cell);
    return this.nearest([x + right * step, y + up * step]);
  }

  // The position beside the chosen one among those of its kind.
  /** @type {(by: number) => number} */
  beside(by) {
    const { cell } = this.state.choice;
    const { examples, n } = this.state.run.geometry;
    const [from, to] = cell < examples ? [0, examples - 1] : [examples, n - 1];
    return Math.min(to, Math.max(from, cell + by));
  }

  // ── editing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  get canDraw() {
    return !!this.form.frameOf;
  }

  // An edit as a step of undo. Presses of one key (`again`) in a row are one step.
  /** @type {(edit: () => void, again?: string|null) => void} */
  editing(edit, again = null) {
    const { typed, draft } = this.state;
    const before = typed.entry;
    if (this.refused()) return;
    edit();
    const now = performance.now();
    const goesOn = again && draft.edit?.again === again && now - draft.edit.at < REST;
    if (!goesOn && before !== typed.entry) this.keep(before);
    draft.edit = { again, at: now };
  }

  // The plane shows the edit at once, and the model follows as fast as it answers.
  /** @type {(text: string) => void} */
  change(text) {
    const { typed, draft } = this.state;
    if (text === typed.entry) return;
    typed.entry = text;
    draft.ours = true;
    this.link.write();
    this.painter.soon(false);
    this.requests.follow(() => this.ask({ puzzle: typed.entry }));
  }

  useText(text) {
    this.state.typed.cross = null;
    super.useText(text);
  }

  openText() {
    const { draft, typed } = this.state;
    const text = (draft.rejected ?? typed.entry).replaceAll("; ", "\n");
    const xs = this.dims === 1 ? "x and y" : `x1 to x${this.dims} and y`;
    const help =
      `A row for each example: ${xs}, with spaces or commas between (CSV). A ? in place of y asks for it. ` +
      "Or a sampled prompt: seed=7 examples=20, with the names of the sliders.";
    const title = "Type or paste examples";
    const words = { title, help, label: "Examples as text", text, use: "Use these examples" };
    openText(this, words, { "data-testid": "prompt-text", style: "letter-spacing: 0" });
  }

  changed(address = true) {
    super.changed(address);
    if (this.state.run.meta) this.flips.tell();
  }

  // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(event: KeyboardEvent) => boolean} */
  press(event) {
    return pressPrompt(this, event);
  }

  // ── the face ────────────────────────────────────────────────────────────────────────────────────────────────────

  more() {
    const { typed, look, draft } = this.state;
    return { points: this.points, lines: look.lines, cross: typed.cross, dragged: draft.gesture };
  }

  // What stands where, of a face of this size; without a size, of the first one.
  /** @type {(width?: number, high?: number) => object} */
  frame(width, high) {
    const box = this.faces[0].box.map((side) => side / this.zoom);
    return this.form.frameOf(this.seen(0), width ?? box[0], high ?? box[1]);
  }

  describeFace(seen) {
    return describePrompt(seen);
  }

  drawFace(pen, seen, width, high) {
    this.form.draw(pen, seen, width, high);
  }

  placeCells(face, seen, width, high) {
    this.form.boxes(seen, width, high).forEach((box, i) => {
      const cell = face.cells[i];
      const sizes = (box ?? [0, 0, 0, 0]).map((part, k) => `${((100 * part) / (k % 2 ? high : width)).toFixed(2)}%`);
      const at = SIDES.map((side, k) => `${side}:${sizes[k]}`).join(";");
      if (cell.dataset.at === at) return;
      cell.dataset.at = at;
      cell.style.cssText = at;
      cell.classList.toggle("ls-example", this.canDraw && i < face.view.geometry.examples);
    });
  }

  faceWords(seen) {
    return wordsOfPoints(seen);
  }

  faceTable(seen) {
    return tableOfPrompt(seen);
  }
}

// The examples of a run, as rows.
function pointsOfRun(view) {
  const dims = view.arrays.vectors.shape[1] - 2;
  return Array.from({ length: view.geometry.examples }, (_, i) => [
    ...Array.from({ length: dims }, (_, k) => coordinate(view, i, k)),
    height(view, i),
  ]);
}
