// The bar of the page Theory: which function, and the sizes of the machine. Each says which term of the bound it moves.

import { button, h, nameOf, options } from "../core/elements.js";
import { menu } from "./bar.js";
import { classEntry } from "./togetherbar.js";

const OWN = "drawn by hand";
const MOST_POWER = 20; // of two, the steepest slope
const BETAS = ["1", "2", "5", "10", "20", "40", "inf"];
const FILLINGS = [
  ["walk-back", "walk back"],
  ["interpolated", "interpolated"],
  ["hold", "hold the last value"],
];

const whole = (number) => number.toLocaleString("en");

/** The bar. */
export class TheoryBar {
  /** @param {import("./theory.js").TheoryPage} page */
  constructor(page) {
    this.page = page;
    this.preset = h("select", { id: "ls-preset", onchange: () => this.choose() });
    this.tokens = h("select", { onchange: () => this.tokensChanged() });
    this.filling = h("select", { onchange: () => page.change({ filling: this.filling.value }) });
    this.cells = this.slider(2, 10, (value) => [String(value), { cells: String(value) }]);
    this.slope = this.slider(0, MOST_POWER, (value) => [whole(2 ** value), { slope: String(2 ** value) }]);
    this.beta = this.slider(0, BETAS.length - 1, (value) => {
      const beta = BETAS[value];
      return [beta === "inf" ? "∞" : beta, { beta }];
    });
    options(this.filling, FILLINGS, "walk-back");
    const counts = ["2", "3"].map((count) => [count, count]);
    options(this.tokens, counts, "2");
    const why = "Move the second token into the cell of the first";
    this.twoButton = button("x₂ to x₁", why, () => this.together());
    const labels = [
      this.label("Function", this.preset, "the three moduli"),
      this.label("Tokens N", this.tokens, "√(Nd) and all distances"),
      this.label("Cells 1/δ", this.cells, "every modulus; two in a cell"),
      this.label("Slope M", this.slope, "the term √(dN/(Mδ))"),
      this.label("Softmax β", this.beta, "no term of the bound: ∞ is hardmax"),
      this.label("Fillers", this.filling, "the tied error: largest jump"),
      this.label("Two in one cell", this.twoButton, "the term N√δ"),
    ];
    this.all = button("All panels", "Show all panels again", () => page.showPanels(null), "all-panels");
    const list = h("div", { class: "ls-list" }, ...this.sharing());
    const share = menu("Share", "Share, present or export this view", "ls-menu", list);
    const fields = labels.flatMap((label) => [...label.querySelectorAll("input, select, button")]);
    for (const field of page.host.ask ? [] : fields) field.disabled = true; // a saved page shows one setting
    this.root = h(
      "div",
      { class: "ls-bar ls-theory-bar", role: "group", "aria-label": "The setting" },
      ...labels,
      h("div", { class: "ls-buttons" }, this.all, share),
    );
  }

  // What can be shared depends on what there is: an address, a server.
  /** @type {() => HTMLElement[]} */
  sharing() {
    const { page } = this;
    const { links, exportTheory, savePage } = page.host;
    const why = "Copy a link that opens in presenter mode";
    const zip = "A zip with figures, numbers, the page and a script that makes them again";
    const saving = "One file that steps, plays and shows every panel without a server";
    const moving = "A GIF for slides; that of another panel is in its own menu";
    const elevator = () => page.panels.find(({ panel }) => panel.name === "elevator").panel;
    return [
      ...(links ? [button("Copy link", "Copy a link to exactly this view", () => page.copy())] : []),
      ...(links ? [button("Copy link for presenting", why, () => page.copy({ present: page.stage.first }))] : []),
      ...(page.host.classes ? [classEntry(page)] : []),
      button("Present (P)", "One large panel at a time, for a projector", () => page.stage.begin()),
      ...(exportTheory ? [button("Export this view", zip, () => page.exportView())] : []),
      ...(exportTheory ? [button("Save as animation", moving, () => page.saveAnimation(elevator()))] : []),
      ...(savePage ? [button("Save as page", saving, () => page.savePage())] : []),
    ];
  }

  /** @type {(name: string, field: HTMLElement|HTMLElement[], moves: string) => HTMLElement} */
  label(name, field, moves) {
    const [input, output] = Array.isArray(field) ? field : [field];
    input.setAttribute("aria-label", input.matches("button") ? nameOf(input.textContent, name) : name);
    input.setAttribute("aria-description", `moves ${moves}`);
    const row = h("span", {}, input, ...(output ? [output] : []));
    return h("label", {}, h("b", {}, name), row, h("small", {}, `moves ${moves}`));
  }

  // A slider with what it says: words(value) gives the words and the parts of a link.
  /** @type {(min: number, max: number, words: (value: number) => [string, object]) => HTMLElement[]} */
  slider(min, max, words) {
    const output = h("output", {});
    const oninput = () => {
      const [said, parts] = words(Number(input.value));
      output.textContent = said;
      input.setAttribute("aria-valuetext", said);
      this.page.change(parts);
    };
    const input = h("input", { type: "range", min, max, step: 1, oninput });
    input.say = (value) => {
      input.value = value;
      output.textContent = words(Number(input.value))[0];
      input.setAttribute("aria-valuetext", output.textContent);
    };
    return [input, output];
  }

  choose() {
    const found = this.page.meta.presets.find(([name]) => name === this.preset.value);
    if (found) this.page.change({ g: found[1], h: found[2] });
  }

  tokensChanged() {
    const tokens = Number(this.tokens.value);
    const x = [...this.page.arrays.x.values].map((value) => Number(value.toFixed(2)));
    const more = tokens === 3 ? [...x.slice(0, 2), 0.45] : x.slice(0, 2);
    const cells = Math.min(this.page.meta.cells, tokens === 3 ? 4 : 10);
    this.page.change({ x: more.join(","), cells: tokens === 3 ? String(cells) : "8" });
  }

  // The second token moves into the cell of the first.
  together() {
    const { meta, arrays } = this.page;
    const x = Array.from(arrays.x.values, (value) => Number(value.toFixed(2)));
    const begin = arrays.cell.values[0] / meta.cells;
    x[1] = Number((begin + 0.3 / meta.cells).toFixed(3));
    this.page.draw({ x });
  }

  // The controls as the setting has them.
  fill() {
    const { meta } = this.page;
    const presets = meta.presets.map(([name]) => [name, name]);
    options(this.preset, meta.preset ? presets : [[OWN, OWN], ...presets], meta.preset ?? OWN);
    this.tokens.value = String(meta.tokens);
    this.filling.value = meta.query.filling;
    if (this.page.state.asked.wanted) return; // a hand is still on a slider
    this.cells[0].max = meta.most_cells;
    this.cells[0].say(meta.cells);
    this.slope[0].say(meta.slope_power);
    this.beta[0].say(BETAS.indexOf(meta.query.beta));
  }
}
