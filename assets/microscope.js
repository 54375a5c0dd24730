// The microscope: one loop clock that drives every panel, in the browser alone.
//
// A whole trace arrives once, as the bytes of a safetensors file whose metadata is JSON (looped/figures/microscope.py
// writes it). Stepping and playing paint from those arrays and send nothing. The server hears from here only when the
// input, the checkpoint or the number of loops changes, through the state value "request".

const instances = new WeakMap();
let remembered = {};  // loop, cell and head survive a switch to another page and back

export default function microscope({ data, parentElement, setStateValue }) {
  let it = instances.get(parentElement);
  if (!it) {
    it = new Microscope(parentElement);
    instances.set(parentElement, it);
  }
  it.send = (request) => setStateValue("request", request);
  it.attach();
  it.receive(data);
  return () => it.detach();
}

// ── the bytes ──────────────────────────────────────────────────────────────────────────────────────────────────────

function halfToFloat(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
let halves = null;  // all 65,536 of them, made when first needed

function readTensors(bytes) {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const headerLength = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, headerLength)));
  const arrays = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: [from, to] } = entry;
    const part = buffer.slice(8 + headerLength + from, 8 + headerLength + to);
    let values;
    if (dtype === "U8") values = new Uint8Array(part);
    else if (dtype === "F32") values = new Float32Array(part);
    else if (dtype === "F16") {
      halves ||= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
      values = Float32Array.from(new Uint16Array(part), (bits) => halves[bits]);
    } else throw new Error(`the trace holds ${name} as ${dtype}, which this page cannot read`);
    arrays[name] = { values, shape };
  }
  return { meta: JSON.parse(header.__metadata__.meta), arrays };
}

// ── small helpers ──────────────────────────────────────────────────────────────────────────────────────────────────

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}
const ICONS = {  // drawn, because fonts disagree about these signs
  first: "M3 2h2v12H3zM14 2v12L6 8z", back: "M12 2v12L4 8z", play: "M4 2v12l9-6z", pause: "M3 2h4v12H3zM9 2h4v12H9z",
  forward: "M4 2v12l8-6z", last: "M2 2v12l8-6zM11 2h2v12h-2z",
};
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
const percent = (p) => (p > 0.995 && p < 1 ? ">\u00a099\u00a0%" : p > 0 && p < 0.005 ? "<\u00a01\u00a0%" : `${Math.round(100 * p)}\u00a0%`);  // never broken between lines
const short = (x) => (x === 0 ? "0" : Math.abs(x) < 0.01 || Math.abs(x) >= 1000 ? x.toExponential(1) : x.toPrecision(2));
const plural = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

class Microscope {
  constructor(parent) {
    this.loop = 0;
    this.cell = 0;
    this.hover = null;
    this.head = null;  // null: all heads side by side
    this.entry = "";   // what the person's board holds now, one character a cell, "." for blank
    this.undone = [];
    this.done = [];
    this.request = 0;  // number of the last request sent; an answer to an older one does not touch the entry
    this.playing = null;
    this.speed = 4;    // loops per second
    this.build(parent);
  }

  // ── the page's elements, made once ────────────────────────────────────────────────────────────────────────────

  build(parent) {
    this.checkpointSelect = h("select", { id: "ls-checkpoint", onchange: () => this.ask({ checkpoint: this.checkpointSelect.value }) });
    this.loopsInput = h("input", { id: "ls-loops", type: "number", min: 1, step: 1, onchange: () => this.askLoops() });
    this.loopsNote = h("span", { class: "ls-note" });
    this.exampleSelect = h("select", { id: "ls-example", onchange: () => this.chooseExample() });
    const button = (label, title, onclick, testid) => h("button", { type: "button", title, "aria-label": title, "data-testid": testid, onclick }, label);
    this.undoButton = button("↶", "Undo (Ctrl+Z)", () => this.undo());
    this.redoButton = button("↷", "Redo (Ctrl+Y)", () => this.redo());
    this.copyButton = button("Copy link", "Copy a link to exactly this view", () => this.copyLink());
    this.bar = h("div", { class: "ls-bar" },
      h("label", { for: "ls-checkpoint" }, "Checkpoint ", this.checkpointSelect),
      h("label", { for: "ls-loops" }, "Loops ", this.loopsInput, this.loopsNote),
      h("label", { for: "ls-example" }, "Board ", this.exampleSelect),
      h("span", { class: "ls-buttons" },
        button("Type or paste…", "Type or paste a whole board as text", () => this.openDialog(), "paste"),
        button("Clear", "Remove all digits", () => this.edit(".".repeat(this.n))), this.undoButton, this.redoButton, this.copyButton));
    this.message = h("div", { class: "ls-message", role: "status", "aria-live": "polite", "data-testid": "message" });

    const panel = (name, title, help, ...content) => {
      const says = h("p", { class: "ls-says" });
      const root = h("section", { class: `ls-panel ls-${name}`, "data-panel": name, "aria-label": title },
        h("header", {}, h("h2", {}, title), h("details", { class: "ls-help", name: "ls-help" }, h("summary", { "aria-label": `${title}: what am I looking at?`, title: "What am I looking at?" }, "?"), h("p", {}, help))),
        ...content, says);
      return { root, says };
    };
    this.grid = h("div", { class: "ls-grid", role: "grid", "aria-label": "Sudoku board" });
    this.keypad = h("div", { class: "ls-keypad", role: "group", "aria-label": "Enter a digit" });
    const canvas = (label) => h("canvas", { role: "img", "aria-label": label });
    this.headSelect = h("select", { class: "ls-heads", "aria-label": "Attention head", onchange: () => { this.head = this.headSelect.value === "" ? null : Number(this.headSelect.value); this.changed(); } });
    this.layerSelect = h("select", { class: "ls-heads", "aria-label": "Layer", onchange: () => this.changed() });
    this.canvases = {
      attention: canvas("Attention of the chosen cell, drawn on the board, one board per head"),
      trajectory: canvas("Path of every cell's hidden state through two principal components"),
      convergence: canvas("Residual of every loop on a logarithmic axis"),
      timestep: canvas("Strength of the four timestep vectors in every loop"),
    };
    this.timestepNone = h("p", { class: "ls-none" });
    this.panels = {
      board: panel("board", "Board", "Upright bold digits are the puzzle. The others are what the model would answer after this many loops: the fuller the bar below a digit, the surer the model. A corner mark shows a cell whose answer changed in this loop; a wavy line marks two equal digits in a row, column or box. Click a cell, then type a digit to change the puzzle.", this.grid, this.keypad),
      attention: panel("attention", "Attention", "How much the chosen cell (ringed) looks at every other cell in the loop that led here, one small board per head, each drawn from nothing to its own largest weight, which is printed above it. All weights of a head sum to 100 %. Attention shows where information may come from, not why an answer is given. Click a square to choose another cell.", h("div", { class: "ls-picks" }, this.headSelect, this.layerSelect), this.canvases.attention),
      trajectory: panel("trajectory", "Hidden states", "Every cell has a hidden state of many numbers. This is their path, seen in the two directions (principal components, fitted once to this whole run) in which the states differ most. Each digit stands where its cell's state is now and shows the answer read from it; thin lines are the last 16 loops of its way. Thick: the whole way of the chosen cell.", this.canvases.trajectory),
      convergence: panel("convergence", "Convergence", "How far each loop moves the whole state: the length of h[t+1] − h[t], relative to the length of h[t] (solid) and for the chosen cell, absolute (dotted). A line that falls means that the loop comes closer to a fixed point, where one more loop changes nothing. The dashed line marks how many loops training used.", this.canvases.convergence),
      timestep: panel("timestep", "Timestep scales", "Only a TMLT has these. In every loop the timestep encoding sets how strongly the attention branch (α1) and the MLP branch (α2) are added, and how their inputs are scaled (γ1, γ2). Lines: root mean square over all channels. Strips: the values of all channels in this loop, teal below zero, orange above.", this.canvases.timestep, this.timestepNone),
    };

    this.playButton = button(icon("play"), "Play or pause (Space)", () => this.toggle(), "play");
    this.range = h("input", { type: "range", min: 0, step: 1, "aria-label": "Loop", oninput: () => this.go(Number(this.range.value)) });
    this.marks = h("div", { class: "ls-marks", "aria-hidden": "true" });
    this.readoutText = h("output", { class: "ls-now" });
    const speed = h("select", { "aria-label": "Speed", onchange: () => { this.speed = Number(speed.value); if (this.playing) { this.pause(); this.play(); } } },
      ...[1, 2, 4, 8, 16].map((s) => h("option", { value: s, selected: s === this.speed }, `${s} loops/s`)));
    this.clock = h("div", { class: "ls-clock", "data-testid": "loop-clock", role: "group", "aria-label": "Loop clock" },
      button(icon("first"), "First (Home)", () => this.go(0)), button(icon("back"), "One loop back (←)", () => this.go(this.loop - 1), "back"),
      this.playButton, button(icon("forward"), "One loop on (→)", () => this.go(this.loop + 1), "forward"), button(icon("last"), "Last (End)", () => this.go(this.loops)),
      h("div", { class: "ls-track" }, this.range, this.marks), this.readoutText, speed);
    this.badge = h("p", { class: "ls-badge", "data-testid": "truth-badge" });

    const p = this.panels;
    this.root = h("div", { class: "ls", "data-testid": "microscope" }, this.bar, this.message,
      h("div", { class: "ls-main" }, p.board.root, h("div", { class: "ls-side" }, p.attention.root, p.trajectory.root, p.convergence.root, p.timestep.root)),
      this.clock, this.badge);
    parent.append(this.root);

    this.grid.addEventListener("keydown", (event) => this.boardKey(event));
    this.grid.addEventListener("pointerover", (event) => this.preview(event.target.closest("[data-cell]")));
    this.grid.addEventListener("pointerleave", () => this.preview(null));
    this.canvases.attention.addEventListener("click", (event) => { const cell = this.attentionCellAt(event); if (cell != null) this.choose(cell); });
    this.canvases.convergence.addEventListener("click", (event) => this.go(this.loopAt(event)));
    this.canvases.timestep.addEventListener("click", (event) => this.go(this.loopAt(event)));
    this.canvases.trajectory.addEventListener("click", (event) => { const cell = this.trajectoryCellAt(event); if (cell != null) this.choose(cell); });
    this.keys = (event) => this.pageKey(event);
    this.copying = (event) => this.clipboard(event);
    this.resizer = new ResizeObserver(() => this.repaint());
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.themed = () => this.repaint();
  }

  attach() {
    document.addEventListener("keydown", this.keys);
    document.addEventListener("copy", this.copying);
    document.addEventListener("paste", this.copying);
    this.dark.addEventListener("change", this.themed);
    for (const canvas of Object.values(this.canvases)) this.resizer.observe(canvas);
  }

  detach() {
    this.pause();
    document.removeEventListener("keydown", this.keys);
    document.removeEventListener("copy", this.copying);
    document.removeEventListener("paste", this.copying);
    this.dark.removeEventListener("change", this.themed);
    this.resizer.disconnect();
  }

  // ── a trace arrives ───────────────────────────────────────────────────────────────────────────────────────────

  receive(bytes) {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    const first = !this.meta;
    const { meta, arrays } = readTensors(bytes);
    const current = first || meta.request >= this.request;
    const wasAtEnd = first || this.loop === this.loops;
    const oldLoops = this.loops;
    this.meta = meta;
    this.arrays = arrays;
    this.loops = meta.loops;
    if (meta.size !== this.size) this.buildGrid(meta.size, meta.box);
    this.given = arrays.tokens.values;
    if (first) {
      const url = new URLSearchParams(location.search);
      const whole = (name, high) => { const text = url.get(name); return text != null && /^\d+$/.test(text) && Number(text) <= high ? Number(text) : null; };
      this.request = meta.request;
      this.loop = whole("loop", this.loops) ?? Math.min(remembered.loop ?? this.loops, this.loops);
      this.cell = whole("cell", this.n - 1) ?? Math.min(remembered.cell ?? this.firstBlank(), this.n - 1);
      this.head = whole("head", meta.heads - 1) ?? remembered.head ?? null;
    } else if (wasAtEnd && oldLoops !== this.loops) this.loop = this.loops;
    this.loop = clamp(this.loop, 0, this.loops);
    this.cell = clamp(this.cell, 0, this.n - 1);
    if (this.head != null && this.head >= meta.heads) this.head = null;
    if (current) {
      const entry = meta.entry ?? (first ? meta.puzzle : this.entry);
      if (entry !== this.entry && entry.length === this.entry.length) {  // a board that was pasted can be undone, too
        this.done.push(this.entry);
        this.undone = [];
      }
      this.entry = entry;
      this.rejected = meta.message?.kind === "error" ? this.pasted : null;  // the dialog offers it again, to be mended
      this.pasted = null;
      this.say(meta.message);
      this.root.removeAttribute("data-busy");
    }
    this.measure();
    this.fillControls(current);
    this.changed();
    this.traces = (this.traces ?? 0) + 1;
  }

  firstBlank() {
    const blank = this.given.indexOf(0);
    return blank < 0 ? 0 : blank;
  }

  // What the sentences and marks need, worked out once per trace.
  measure() {
    const { n, loops, arrays } = this, vocab = arrays.probabilities.shape[2], p = arrays.probabilities.values;
    this.answers = new Uint8Array(loops * n);
    this.sure = new Float32Array(loops * n);
    for (let i = 0; i < loops * n; i++) {
      let best = 0;
      for (let v = 1; v < vocab; v++) if (p[i * vocab + v] > p[i * vocab + best]) best = v;
      this.answers[i] = best;
      this.sure[i] = p[i * vocab + best];
    }
    this.clashes = [];
    this.changes = [];
    this.right = [];
    this.settled = 1;
    for (let t = 1; t <= loops; t++) {
      const board = Array.from({ length: n }, (_, i) => this.given[i] || this.answers[(t - 1) * n + i]);
      this.clashes.push(this.conflicts(board));
      const changed = new Uint8Array(n);
      if (t > 1) for (let i = 0; i < n; i++) changed[i] = !this.given[i] && this.answers[(t - 1) * n + i] !== this.answers[(t - 2) * n + i] ? 1 : 0;
      if (changed.includes(1)) this.settled = t;
      this.changes.push(changed);
      const filled = !board.includes(0);
      this.right.push(filled && !this.clashes[t - 1].includes(1));
    }
    this.blanks = this.given.reduce((count, digit) => count + (digit === 0), 0);
    this.firstRight = (this.blanks && this.right.indexOf(true) + 1) || null;
  }

  conflicts(board) {
    const { n, size } = this, marks = new Uint8Array(n);
    for (const unit of this.units) {
      const seen = new Array(size + 1).fill(-1);
      for (const cell of unit) {
        const digit = board[cell];
        if (!digit) continue;
        if (seen[digit] >= 0) marks[cell] = marks[seen[digit]] = 1;
        seen[digit] = cell;
      }
    }
    return marks;
  }

  buildGrid(size, box) {
    this.size = size;
    this.n = size * size;
    this.box = box;
    const [rows, columns] = box, line = (length, at) => Array.from({ length }, (_, i) => at(i));
    this.units = [
      ...line(size, (r) => line(size, (c) => r * size + c)), ...line(size, (c) => line(size, (r) => r * size + c)),
      ...line(size, (b) => line(size, (i) => (Math.floor(b / rows) * rows + Math.floor(i / columns)) * size + (b % rows) * columns + (i % columns))),
    ];
    this.peers = line(this.n, () => new Uint8Array(this.n));
    for (const unit of this.units) for (const a of unit) for (const b of unit) this.peers[a][b] = 1;
    this.cells = line(this.n, (i) => {
      const digit = h("span", { class: "ls-digit" }), bar = h("i", { class: "ls-sure" });
      const cell = h("div", { role: "gridcell", "data-cell": i, tabindex: -1, class: "ls-cell", onpointerdown: (event) => { event.preventDefault(); this.choose(i, true); } }, digit, bar);
      if ((i % size) % columns === 0 && i % size) cell.classList.add("ls-left");
      if (Math.floor(i / size) % rows === 0 && i >= size) cell.classList.add("ls-top");
      return { cell, digit, bar, shown: "" };
    });
    const focused = this.grid.contains(document.activeElement);
    this.grid.style.setProperty("--size", size);
    this.grid.replaceChildren(...line(size, (r) => h("div", { role: "row", class: "ls-row" }, ...this.cells.slice(r * size, (r + 1) * size).map((c) => c.cell))));
    this.keypad.replaceChildren(...line(size, (d) => h("button", { type: "button", "aria-label": `Enter ${d + 1}`, onclick: () => this.write(String(d + 1)) }, String(d + 1))),
      h("button", { type: "button", "aria-label": "Erase", onclick: () => this.write(".") }, "⌫"));
    if (focused) requestAnimationFrame(() => this.cells[this.cell].cell.focus({ preventScroll: true }));
    this.undone = [];
    this.done = [];
  }

  fillControls(current) {
    const { meta } = this;
    const options = (select, items, chosen) => select.replaceChildren(...items.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));
    if (current) {
      options(this.checkpointSelect, meta.checkpoints.map((c) => [c.name, c.label]), meta.checkpoint);
      this.loopsInput.max = meta.most_loops;
      this.loopsInput.value = meta.loops;
    }
    this.examples = meta.examples;
    const same = meta.examples.findIndex((example) => example.text === this.entry);
    options(this.exampleSelect, [["", "Your own"], ...meta.examples.map((example, i) => [String(i), example.name])], same < 0 ? "" : String(same));
    options(this.headSelect, [["", "All heads"], ...Array.from({ length: meta.heads }, (_, i) => [String(i), `Head ${i + 1}`])], this.head == null ? "" : String(this.head));
    options(this.layerSelect, Array.from({ length: meta.layers }, (_, i) => [String(i), `Layer ${i + 1}`]), this.layerSelect.value || "0");
    this.layerSelect.hidden = meta.layers < 2;
    this.loopsNote.textContent = meta.loops > meta.trained_loops ? `${meta.loops - meta.trained_loops} beyond the ${meta.trained_loops} trained` : `trained with ${meta.trained_loops}`;
    this.undoButton.disabled = !this.done.length;
    this.redoButton.disabled = !this.undone.length;
    this.range.max = this.loops;
    const marks = [[meta.trained_loops, "trained", "trained"], [this.firstRight, "right", "first right"], [this.settled > 1 && this.settled, "settled", "last change"]];
    this.marks.replaceChildren(...marks.filter(([t]) => t && t <= this.loops).map(([t, kind, label]) => h("span", { class: `ls-mark ls-mark-${kind}`, style: `--at:${t / this.loops}`, title: `${label}: loop ${t}` }, h("b", {}, label))));
    this.spread();
    const faithful = meta.difference < 1e-3;
    this.badge.classList.toggle("ls-drift", !faithful);
    this.badge.textContent = `${faithful ? "Recorded = computed:" : "Rounding, amplified by every loop, drives two equal runs apart:"} max |Δ| ${meta.difference.toExponential(1)} between the hidden states of the recorded and the plain forward, ${plural(meta.loops, "loop")} · ${meta.checkpoint}, weights sha256 ${meta.sha256.slice(0, 12)} · ${meta.parameters.toLocaleString("en")} parameters · float32 on ${meta.device}`;
    this.badge.title = `sha256 ${meta.sha256}`;
  }

  // Labels that would touch go to a second line; what finds no room there keeps its tick and its tooltip.
  spread() {
    const width = this.marks.clientWidth, ends = [-Infinity, -Infinity];
    for (const mark of [...this.marks.children].sort((a, b) => a.style.getPropertyValue("--at") - b.style.getPropertyValue("--at"))) {
      const label = mark.firstChild, middle = mark.style.getPropertyValue("--at") * width, half = label.offsetWidth / 2 + 3;
      const line = ends.findIndex((end) => middle - half > end);
      label.style.visibility = line < 0 ? "hidden" : "";
      mark.style.setProperty("--line", Math.max(0, line));
      if (line >= 0) ends[line] = middle + half;
    }
  }

  say(message) {
    this.message.textContent = message ? message.text : "";
    this.message.className = `ls-message ${message ? `ls-${message.kind}` : ""}`;
  }

  // ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

  go(loop) {
    loop = clamp(Math.round(loop), 0, this.loops ?? 0);
    if (loop === this.loop) return;
    this.loop = loop;
    this.changed();
  }

  toggle() { this.playing ? this.pause() : this.play(); }

  play() {
    if (this.loop >= this.loops) this.go(0);
    let last = performance.now();
    const tick = (now) => {
      if (now - last >= 1000 / this.speed - 4) {
        last = now;
        this.go(this.loop + 1);
      }
      if (this.loop >= this.loops) this.pause();
      else this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
    this.playButton.replaceChildren(icon("pause"));
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.playButton.replaceChildren(icon("play"));
  }

  pageKey(event) {
    if (event.defaultPrevented || this.dialog?.open) return;
    const target = event.composedPath()[0];
    const field = target.closest?.("input, select, textarea, [contenteditable]");
    if (field && field !== this.range) return;
    if (!/^(Arrow|Escape)/.test(event.key)) this.boardKey(event);  // digits and undo mean the board wherever the focus is
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = target.closest?.("button, summary, a, [role=tab]");
    if (event.code === "Space" && !onButton) this.toggle();
    else if (event.key === "ArrowLeft" && field !== this.range) this.go(this.loop - 1);
    else if (event.key === "ArrowRight" && field !== this.range) this.go(this.loop + 1);
    else if (event.key === "Home") this.go(0);
    else if (event.key === "End") this.go(this.loops);
    else if (event.key === "Escape") {
      this.preview(null);
      for (const help of this.root.querySelectorAll("details[open]")) help.open = false;
    } else return;
    event.preventDefault();
  }

  boardKey(event) {
    const { size, cell } = this, row = Math.floor(cell / size), column = cell % size;
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1] ?? (/^[0-9.]$/.test(event.key) ? event.key : null);
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) this.undo();
      else if (key === "y" || (key === "z" && event.shiftKey)) this.redo();
      else return;
    } else if (event.altKey) return;
    else if (event.key === "ArrowLeft") this.choose(row * size + (column + size - 1) % size, true);
    else if (event.key === "ArrowRight") this.choose(row * size + (column + 1) % size, true);
    else if (event.key === "ArrowUp") this.choose((row + size - 1) % size * size + column, true);
    else if (event.key === "ArrowDown") this.choose((row + 1) % size * size + column, true);
    else if (event.key === "Backspace" || event.key === "Delete" || digit === "0" || digit === ".") this.write(".");
    else if (digit) this.write(digit);
    else if (event.key === "Escape") { this.preview(null); this.playButton.focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(cell, focus = false) {
    this.cell = cell;
    this.hover = null;
    this.changed();
    if (focus) this.cells[cell].cell.focus({ preventScroll: true });
  }

  preview(element) {
    const cell = element ? Number(element.dataset.cell) : null;
    if (cell === this.hover) return;
    this.hover = cell;
    this.changed(false);
  }

  write(digit) {
    if (digit !== "." && Number(digit) > this.size) return this.say({ kind: "error", text: `A ${this.size}×${this.size} board uses the digits 1 to ${this.size}; ${digit} is not one of them.` });
    this.edit(this.entry.slice(0, this.cell) + digit + this.entry.slice(this.cell + 1));
  }

  edit(entry) {
    if (entry === this.entry) return;
    this.done.push(this.entry);
    this.undone = [];
    this.entered(entry);
  }

  undo() { if (this.done.length) { this.undone.push(this.entry); this.entered(this.done.pop()); } }
  redo() { if (this.undone.length) { this.done.push(this.entry); this.entered(this.undone.pop()); } }

  // The board shows the edit at once; the model is asked when the typing pauses.
  entered(entry) {
    this.entry = entry;
    this.undoButton.disabled = !this.done.length;
    this.redoButton.disabled = !this.undone.length;
    this.request++;
    this.changed(false);
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.ask({ puzzle: this.entry }), 120);
  }

  chooseExample() {
    const example = this.examples[Number(this.exampleSelect.value)];
    if (this.exampleSelect.value !== "" && example) this.paste(example.text);
  }

  askLoops() {
    const loops = Number(this.loopsInput.value), most = this.meta.most_loops;
    if (!Number.isInteger(loops) || loops < 1 || loops > most) {
      this.loopsInput.value = this.meta.loops;
      return this.say({ kind: "error", text: `The number of loops must be a whole number from 1 to ${most}.` });
    }
    this.ask({ loops });
  }

  ask(change) {
    clearTimeout(this.typing);
    this.wanted = { puzzle: this.entry, checkpoint: this.checkpointSelect.value, loops: Number(this.loopsInput.value), ...change, number: ++this.request };
    this.root.setAttribute("data-busy", "");
    this.send(this.wanted);
  }

  clipboard(event) {
    const target = event.composedPath()[0];
    if (this.dialog?.open || target.closest?.("input, select, textarea") || (event.type === "copy" && !getSelection().isCollapsed)) return;
    event.preventDefault();
    if (event.type === "copy") event.clipboardData.setData("text/plain", this.entry);
    else this.paste(event.clipboardData.getData("text/plain"));
  }

  // Text in any form: the server reads it and answers with the board, or says what is wrong with it.
  paste(text) {
    this.ask({ puzzle: text });
    this.pasted = text;
  }

  openDialog() {
    const area = h("textarea", { rows: 10, spellcheck: "false", "aria-label": "Board as text", "data-testid": "board-text" });
    area.value = this.rejected ?? this.entry.replace(new RegExp(`(.{${this.size}})`, "g"), "$1\n").trim();
    const close = () => this.dialog.close();
    const form = h("form", { onsubmit: (event) => { event.preventDefault(); const text = area.value; close(); this.paste(text); } },
      h("h2", {}, "Type or paste a board"),
      h("p", {}, "81 characters for 9×9, 36 for 6×6, 16 for 4×4; a dot, 0, * or a space for a blank; line breaks and bars are fine."), area,
      h("div", { class: "ls-buttons" }, h("button", { type: "submit", class: "ls-primary" }, "Use this board"), h("button", { type: "button", onclick: close }, "Cancel")));
    this.dialog = h("dialog", { class: "ls-dialog", "aria-label": "Type or paste a board", onclose: (event) => event.target.remove() }, form);
    this.root.append(this.dialog);
    this.dialog.showModal();
    area.select();
  }

  // ── the address bar is the state ──────────────────────────────────────────────────────────────────────────────

  address() {
    const url = new URL(location.href);
    const state = { v: 1, puzzle: this.entry, checkpoint: this.meta.checkpoint, loops: this.loops, loop: this.loop, cell: this.cell };
    for (const [key, value] of Object.entries(state)) url.searchParams.set(key, value);
    if (this.head == null) url.searchParams.delete("head");
    else url.searchParams.set("head", this.head);
    return url;
  }

  // Browsers allow few writes of the address in a short time, so it follows when the clock rests.
  writeAddress() {
    remembered = { loop: this.loop, cell: this.cell, head: this.head };
    clearTimeout(this.addressing);
    this.addressing = setTimeout(() => {
      if (this.playing || !this.root.isConnected) return;
      const url = this.address();
      if (url.href !== location.href) history.replaceState(history.state, "", url);
    }, 200);
  }

  async copyLink() {
    const link = this.address().href;
    history.replaceState(history.state, "", link);
    try {
      await navigator.clipboard.writeText(link);
      this.copyButton.textContent = "Copied";
    } catch (error) {
      this.say({ kind: "info", text: `This browser does not let a page copy (${error.name}). The address bar holds the link.` });
    }
    setTimeout(() => { this.copyButton.textContent = "Copy link"; }, 1500);
  }

  // ── painting ──────────────────────────────────────────────────────────────────────────────────────────────────

  changed(address = true) {
    if (address) this.writeAddress();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => { this.frame = null; this.paint(); });
  }

  repaint() {
    if (!this.meta) return;
    this.spread();
    this.changed(false);
  }

  get active() { return this.hover ?? this.cell; }

  paint() {
    const t = this.loop;
    this.readColours();
    this.range.value = t;
    this.range.setAttribute("aria-valuetext", `loop ${t} of ${this.loops}`);
    this.readoutText.textContent = `loop ${t} of ${this.loops}`;
    this.clock.dataset.loop = t;
    this.clock.classList.toggle("ls-beyond", t > this.meta.trained_loops);
    for (const name of ["board", "attention", "trajectory", "convergence", "timestep"]) {
      const words = this[`paint_${name}`](t);
      this.panels[name].says.textContent = words;
      this.panels[name].root.dataset.loop = t;
    }
    this.root.dataset.traces = this.traces;  // how many traces have been painted: tests and benchmarks wait for it
  }

  readColours() {
    const style = getComputedStyle(this.root), colour = (name) => style.getPropertyValue(name).trim();
    this.colours = {};
    for (const name of ["text", "muted", "line", "background", "accent", "warm", "cool", "wrong"]) this.colours[name] = colour(`--ls-${name}`);
    this.font = style.fontFamily;
    this.zoom = parseFloat(style.fontSize) / 16;
  }

  // Everything is drawn for text of 16 pixels and grows with it on a large screen.
  extentOfCanvas(canvas) { return { width: canvas.clientWidth / this.zoom, height: canvas.clientHeight / this.zoom }; }

  pen(name) {
    const canvas = this.canvases[name], ratio = (devicePixelRatio || 1) * this.zoom, { width, height } = this.extentOfCanvas(canvas);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    Object.assign(pen, { lineWidth: 1, globalAlpha: 1, textBaseline: "alphabetic" });  // nothing is left from the last paint
    pen.setLineDash([]);
    pen.font = `12px ${this.font}`;
    pen.lineJoin = "round";
    return { pen, width, height };
  }

  name(cell) { return `row ${Math.floor(cell / this.size) + 1}, column ${(cell % this.size) + 1}`; }

  paint_board(t) {
    const { n, entry, given } = this, typed = this.conflicts(Array.from(entry, (c) => Number(c) || 0));
    const stale = entry !== this.meta.puzzle;  // typed, but not run: it has an error, or the answer is on its way
    const shown = (i) => Number(entry[i]) || (t && !given[i] ? this.answers[(t - 1) * n + i] : 0);
    const clashes = !t ? typed : stale ? this.conflicts(Array.from({ length: n }, (_, i) => shown(i))) : this.clashes[t - 1];
    const changed = t ? this.changes[t - 1] : null;
    let doubtful = 0;
    for (let i = 0; i < n; i++) {
      const own = entry[i] !== "." && entry[i] !== undefined, k = (t - 1) * n + i;
      const digit = own ? entry[i] : t && !given[i] && this.answers[k] ? String(this.answers[k]) : "";
      const sure = own || !digit ? 1 : this.sure[k];
      if (!own && digit && sure < 0.5) doubtful++;
      const clash = digit && clashes[i];
      const classes = `${own ? " ls-own" : ""}${!own && changed?.[i] ? " ls-changed" : ""}${clash ? " ls-clash" : ""}${own && typed[i] ? " ls-bad" : ""}${i === this.cell ? " ls-chosen" : ""}${i === this.hover ? " ls-hover" : ""}`;
      const look = `${digit}|${percent(sure)}|${classes}`, part = this.cells[i];
      if (look === part.shown) continue;
      part.shown = look;
      part.digit.textContent = digit;
      part.cell.className = `ls-cell${(i % this.size) % this.box[1] === 0 && i % this.size ? " ls-left" : ""}${Math.floor(i / this.size) % this.box[0] === 0 && i >= this.size ? " ls-top" : ""}${classes}`;
      part.digit.style.opacity = own ? "" : 0.45 + 0.55 * sure;
      part.bar.style.width = own || !digit ? "0" : `${Math.round(70 * sure)}%`;
      part.cell.setAttribute("aria-label", `${this.name(i)}, ${own ? `given ${digit}` : digit ? `blank, model says ${digit} at ${percent(sure)}` : "blank"}${clash ? ", breaks a rule" : ""}${!own && changed?.[i] ? ", changed in this loop" : ""}`);
      part.cell.setAttribute("aria-selected", i === this.cell);
      part.cell.tabIndex = i === this.cell ? 0 : -1;
    }
    if (stale) return "The panels still show the last board that was run.";
    if (!this.blanks) return "Nothing to solve: every cell is given.";
    if (!t) return `Before the first loop: ${plural(this.n - this.blanks, "given")}, ${plural(this.blanks, "blank")}. The model has said nothing yet.`;
    const changes = changed.reduce((a, b) => a + b, 0), wrong = clashes.reduce((a, b) => a + b, 0);
    const verdict = this.right[t - 1] ? "Solved: every row, column and box is right." : wrong ? `${plural(wrong, "cell breaks", "cells break")} a rule.` : doubtful ? `${plural(doubtful, "answer")} below 50 %.` : "";
    const steady = t > this.settled ? ` No answer has changed since loop ${this.settled}.` : "";
    return `${verdict} ${t === 1 ? "First answers." : changes ? `${plural(changes, "answer")} changed in this loop.` : steady ? "" : "No answer changed in this loop."}${steady}`.trim();
  }

  attentionBoards(width, height) {
    const heads = this.head == null ? Array.from({ length: this.meta.heads }, (_, i) => i) : [this.head];
    let best = { side: 0 };
    for (let columns = 1; columns <= heads.length; columns++) {
      const rows = Math.ceil(heads.length / columns), side = Math.min((width - 10 * (columns - 1)) / columns, height / rows - 18);
      if (side > best.side) best = { side, columns, rows };
    }
    const { side, columns } = best, left = (width - columns * side - (columns - 1) * 10) / 2;
    return heads.map((head, i) => ({ head, side, x: left + (i % columns) * (side + 10), y: 16 + Math.floor(i / columns) * (side + 18) }));
  }

  paint_attention(t) {
    const { pen, width, height } = this.pen("attention"), { n, size, active, colours } = this, layer = Number(this.layerSelect.value || 0);
    const [, layers, heads] = this.arrays.attention.shape, values = this.arrays.attention.values;
    let strongest = { weight: -1 }, near = 0;
    for (const { head, side, x, y } of this.attentionBoards(width, height)) {
      const step = side / size;
      let label = `head ${head + 1}`;
      if (t) {
        const at = ((((t - 1) * layers + layer) * heads + head) * n + active) * n;
        let top = 0;
        for (let j = 0; j < n; j++) {
          const weight = (values[at + j] / 255) ** 2;
          top = Math.max(top, weight);
          if (weight > strongest.weight) strongest = { weight, head, cell: j };
          near += this.peers[active][j] ? weight : 0;
        }
        label += ` · ${percent(top)}`;
        pen.fillStyle = colours.accent;
        for (let j = 0; j < n; j++) {
          pen.globalAlpha = 0.75 * values[at + j] / 255 / Math.sqrt(top || 1);  // so that a digit on it stays readable
          pen.fillRect(x + (j % size) * step, y + Math.floor(j / size) * step, step, step);
        }
        pen.globalAlpha = 1;
      }
      pen.fillStyle = colours.muted;
      pen.textAlign = "left";
      pen.fillText(label, x, y - 4);
      if (step >= 13) {  // room for digits: the board itself, as it stands at this loop
        pen.font = `${Math.round(step * 0.62)}px ${this.font}`;
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        pen.fillStyle = colours.text;
        for (let j = 0; j < n; j++) {
          const digit = this.given[j] || (t ? this.answers[(t - 1) * n + j] : 0);
          if (digit) pen.fillText(digit, x + (j % size + 0.5) * step, y + (Math.floor(j / size) + 0.54) * step);
        }
        pen.textBaseline = "alphabetic";
        pen.font = `12px ${this.font}`;
      }
      pen.strokeStyle = colours.line;
      pen.lineWidth = 1;
      pen.beginPath();
      for (let i = 0; i <= size; i++) {
        if (i % this.box[1] === 0) { pen.moveTo(x + i * step, y); pen.lineTo(x + i * step, y + side); }
        if (i % this.box[0] === 0) { pen.moveTo(x, y + i * step); pen.lineTo(x + side, y + i * step); }
      }
      pen.stroke();
      pen.strokeStyle = colours.warm;
      pen.lineWidth = 2;
      pen.strokeRect(x + (active % size) * step + 1, y + Math.floor(active / size) * step + 1, step - 2, step - 2);
    }
    if (!t) return "No attention yet: the first loop has not run.";
    const shown = this.head == null ? heads : 1, even = this.peers[active].reduce((a, b) => a + b, 0) / n;
    return `${this.name(active)[0].toUpperCase()}${this.name(active).slice(1)} looks most at ${strongest.cell === active ? "itself" : this.name(strongest.cell)} (head ${strongest.head + 1}, ${percent(strongest.weight)}). ${percent(near / shown)} of its attention stays in its own row, column and box; spread evenly it would be ${percent(even)}.`;
  }

  attentionCellAt(event) {
    const x = event.offsetX / this.zoom, y = event.offsetY / this.zoom, { width, height } = this.extentOfCanvas(this.canvases.attention);
    for (const board of this.attentionBoards(width, height)) {
      const column = Math.floor((x - board.x) / board.side * this.size), row = Math.floor((y - board.y) / board.side * this.size);
      if (row >= 0 && column >= 0 && row < this.size && column < this.size) return row * this.size + column;
    }
    return null;
  }

  trajectoryScale(width, height) {
    if (this.extentOf !== this.arrays) {
      const p = this.arrays.trajectory.values;
      const extent = [Infinity, -Infinity, Infinity, -Infinity];
      for (let i = 0; i < p.length; i += 2) {
        extent[0] = Math.min(extent[0], p[i]); extent[1] = Math.max(extent[1], p[i]);
        extent[2] = Math.min(extent[2], p[i + 1]); extent[3] = Math.max(extent[3], p[i + 1]);
      }
      this.extent = extent;
      this.extentOf = this.arrays;
    }
    const [x0, x1, y0, y1] = this.extent, pad = 12;
    const scale = Math.min((width - 2 * pad) / (x1 - x0 || 1), (height - 2 * pad) / (y1 - y0 || 1));  // one scale: distances are true
    return (x, y) => [width / 2 + (x - (x0 + x1) / 2) * scale, height / 2 - (y - (y0 + y1) / 2) * scale];
  }

  paint_trajectory(t) {
    const { pen, width, height } = this.pen("trajectory"), { n, colours, active } = this, p = this.arrays.trajectory.values;
    const place = this.trajectoryScale(width, height), at = (s, i) => place(p[(s * n + i) * 2], p[(s * n + i) * 2 + 1]);
    const path = (i, from, to) => { pen.beginPath(); pen.moveTo(...at(from, i)); for (let s = from + 1; s <= to; s++) pen.lineTo(...at(s, i)); pen.stroke(); };
    pen.strokeStyle = colours.muted;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.22;
    for (let i = 0; i < n; i++) if (i !== active) path(i, Math.max(0, t - 16), t);  // longer tails would cover everything
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.warm;
    pen.lineWidth = 2.5;
    path(active, 0, t);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let i = 0; i < n; i++) {
      const [x, y] = at(t, i), digit = this.given[i] || (t ? this.answers[(t - 1) * n + i] : 0);
      pen.fillStyle = i === active ? colours.warm : this.given[i] ? colours.text : colours.accent;
      pen.font = `${i === active ? "bold 17" : this.given[i] ? "bold 11" : "12"}px ${this.font}`;
      pen.fillText(digit || "·", x, y);
    }
    pen.textBaseline = "alphabetic";
    const [first, second] = this.meta.explained;
    if (!t) return `All cells start ${this.meta.zero_start ? "at the same point: the state is zero" : "from their embedded input"}. The two directions hold ${percent(first + second)} of all differences between states.`;
    const moved = this.arrays.residual_cell.values[(t - 1) * n + active];
    return `In this loop the state of ${this.name(active)} moved by ${short(moved)}. The two directions hold ${percent(first)} and ${percent(second)} of all differences between states.`;
  }

  trajectoryCellAt(event) {
    const { width, height } = this.extentOfCanvas(this.canvases.trajectory), place = this.trajectoryScale(width, height), p = this.arrays.trajectory.values;
    let best = null, distance = 18;
    for (let i = 0; i < this.n; i++) {
      const k = (this.loop * this.n + i) * 2, [x, y] = place(p[k], p[k + 1]), d = Math.hypot(x - event.offsetX / this.zoom, y - event.offsetY / this.zoom);
      if (d < distance) { distance = d; best = i; }
    }
    return best;
  }

  axis(width) { const left = 44, right = width - 12; return { left, right, x: (t) => left + (right - left) * (this.loops > 1 ? (t - 1) / (this.loops - 1) : 0.5) }; }

  loopAt(event) {
    const { left, right } = this.axis(this.extentOfCanvas(event.target).width);
    return clamp(Math.round(1 + (event.offsetX / this.zoom - left) / (right - left) * (this.loops - 1)), 1, this.loops);
  }

  // The loop axis under a chart: ticks, the trained loops, the clock's hand.
  loopAxis(pen, width, top, bottom, t) {
    const { colours } = this, { left, right, x } = this.axis(width);
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(left, bottom); pen.lineTo(right, bottom); pen.stroke();
    pen.fillStyle = colours.muted;
    pen.textAlign = "center";
    const every = [1, 2, 4, 5, 8, 16, 32, 64].find((step) => this.loops / step <= 9) ?? 64;
    for (let s = every; s <= this.loops; s += every) pen.fillText(s, x(s), bottom + 14);
    const trained = this.meta.trained_loops;
    if (trained <= this.loops) {
      pen.setLineDash([4, 4]);
      pen.strokeStyle = colours.muted;
      pen.beginPath(); pen.moveTo(x(trained), top); pen.lineTo(x(trained), bottom); pen.stroke();
      pen.setLineDash([]);
      const atEnd = x(trained) > right - 60;
      pen.textAlign = atEnd ? "right" : "left";
      this.label(pen, "trained", x(trained) + (atEnd ? -4 : 4), top + 8, colours.muted);
    }
    if (t) {
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1.5;
      pen.beginPath(); pen.moveTo(x(t), top); pen.lineTo(x(t), bottom); pen.stroke();
    }
    return x;
  }

  // Text that stays readable on top of lines.
  label(pen, text, x, y, colour) {
    pen.strokeStyle = this.colours.background;
    pen.lineWidth = 4;
    pen.strokeText(text, x, y);
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  }

  curve(pen, count, x, y, colour, dash = [], thick = 2) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.setLineDash(dash);
    pen.beginPath();
    let drawing = false;
    for (let t = 1; t <= count; t++) {
      const at = y(t);
      if (!Number.isFinite(at)) { drawing = false; continue; }
      drawing ? pen.lineTo(x(t), at) : pen.moveTo(x(t), at);
      drawing = true;
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  paint_convergence(t) {
    const { pen, width, height } = this.pen("convergence"), { n, loops, colours, active } = this;
    const relative = this.arrays.residual_relative.values, cell = this.arrays.residual_cell.values;
    const own = (s) => cell[(s - 1) * n + active], whole = (s) => relative[s - 1];
    let low = Infinity, high = -Infinity;
    for (let s = 1; s <= loops; s++) for (const value of [whole(s), own(s)]) if (value > 0) { low = Math.min(low, value); high = Math.max(high, value); }
    if (low > high) { low = 0.1; high = 1; }
    low = Math.floor(Math.log10(low)); high = Math.max(low + 1, Math.ceil(Math.log10(high)));
    const top = 10, bottom = height - 20, y = (value) => (value > 0 ? bottom - (bottom - top) * (Math.log10(value) - low) / (high - low) : NaN);
    pen.strokeStyle = colours.line;
    pen.fillStyle = colours.muted;
    pen.textAlign = "right";
    const every = Math.max(1, Math.ceil((high - low) / (height / 28)));
    for (let power = low; power <= high; power += every) {
      const at = y(10 ** power);
      pen.globalAlpha = 0.5;
      pen.beginPath(); pen.moveTo(44, at); pen.lineTo(width - 12, at); pen.stroke();
      pen.globalAlpha = 1;
      pen.fillText(power >= -2 && power <= 2 ? String(Number((10 ** power).toFixed(2))) : `1e${power}`, 38, at + 4);
    }
    const x = this.loopAxis(pen, width, top, bottom, t);
    this.curve(pen, loops, x, (s) => y(own(s)), colours.warm, [2, 3], 1.5);
    this.curve(pen, loops, x, (s) => y(whole(s)), colours.accent);
    pen.textAlign = "right";
    this.label(pen, "— whole state, relative", width - 14, top + 22, colours.accent);
    this.label(pen, "··· chosen cell, absolute", width - 14, top + 37, colours.warm);
    if (!t) return "No loop has run, so nothing has moved yet.";
    for (const [value, colour] of [[own(t), colours.warm], [whole(t), colours.accent]]) {
      if (!(value > 0)) continue;
      pen.fillStyle = colour;
      pen.beginPath(); pen.arc(x(t), y(value), 4, 0, 7); pen.fill();
    }
    const now = whole(t);
    if (!Number.isFinite(now)) return "The first loop starts from a state of zero, so there is no relative change to state.";
    let least = t;
    for (let earlier = t - 1; earlier >= 1; earlier--) if (whole(earlier) < whole(least)) least = earlier;
    const trend = least === t ? (t > 2 ? ", the least so far: closer to a fixed point" : "") : now > 1.2 * whole(least) ? `: not closer to a fixed point than at loop ${least} (${short(whole(least))})` : `, about as little as at loop ${least} (${short(whole(least))})`;
    return `This loop moved the whole state by ${short(now)} of its length${trend}.`;
  }

  paint_timestep(t) {
    const scales = this.arrays.scales, canvas = this.canvases.timestep;
    canvas.hidden = !scales;
    this.timestepNone.hidden = !!scales;
    if (!scales) {
      this.timestepNone.textContent = "This checkpoint has no timestep encoding: every loop applies exactly the same function. Choose a TMLT checkpoint to see the scales turn from loop to loop.";
      return "";
    }
    const { pen, width, height } = this.pen("timestep"), { loops, colours } = this, layer = Number(this.layerSelect.value || 0);
    const [, layers, , channels] = scales.shape, names = ["α1", "α2", "γ1", "γ2"], dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
    const tints = [colours.accent, colours.warm, colours.cool, colours.text], strips = 4 * 13 + 6, top = 10, bottom = height - 20 - strips;
    const strength = (s, v) => this.arrays.strengths.values[((s - 1) * layers + layer) * 4 + v];
    let high = 0;
    for (let s = 1; s <= loops; s++) for (let v = 0; v < 4; v++) high = Math.max(high, strength(s, v));
    const y = (value) => bottom - (bottom - top - 14) * value / (high || 1);  // room for the word above the lines
    pen.fillStyle = colours.muted;
    pen.textAlign = "right";
    pen.fillText(short(high), 38, y(high) + 4);
    pen.fillText("0", 38, bottom);
    const x = this.loopAxis(pen, width, top, bottom, t);
    names.forEach((name, v) => {
      this.curve(pen, loops, x, (s) => y(strength(s, v)), tints[v], dashes[v]);
      if (t) { pen.fillStyle = tints[v]; pen.beginPath(); pen.arc(x(t), y(strength(t, v)), 3, 0, 7); pen.fill(); }
      pen.fillStyle = tints[v];
      pen.textAlign = "left";
      const atY = height - strips + 4 + v * 13 + 9;
      pen.fillText(name, 4, atY);
      pen.strokeStyle = tints[v]; pen.setLineDash(dashes[v]); pen.beginPath(); pen.moveTo(22, atY - 4); pen.lineTo(40, atY - 4); pen.stroke(); pen.setLineDash([]);
      if (!t) return;
      const step = (width - 12 - 44) / channels, from = (((t - 1) * layers + layer) * 4 + v) * channels;
      for (let c = 0; c < channels; c++) {
        const value = scales.values[from + c];
        pen.fillStyle = value < 0 ? colours.cool : colours.warm;
        pen.globalAlpha = Math.min(1, Math.abs(value) / (2 * high || 1));
        pen.fillRect(44 + c * step, atY - 9, step + 0.5, 11);
      }
      pen.globalAlpha = 1;
    });
    if (!t) return "No loop has run yet; the lines show what every loop will use.";
    return `In this loop attention is added at strength ${short(strength(t, 0))} and the MLP at ${short(strength(t, 1))}; their inputs are scaled by ${short(strength(t, 2))} and ${short(strength(t, 3))} (root mean square over ${channels} channels).`;
  }
}
