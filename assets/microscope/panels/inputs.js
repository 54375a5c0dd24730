// A table of many inputs and what became of each: sorted, filtered, and opened in the microscope.

import { button, h, options } from "../core/elements.js";
import { OUTCOMES, listed, nextFailure, notesOf, numbersOf, rowsOf, strip } from "../core/rows.js";
import { percent, plural, sentence } from "../core/words.js";

const OWN = "own";
const LONGEST = 2 ** 20; // bytes of a list
const ALWAYS = ["all", "wrong", "right", "lost", "now"]; // outcomes that are offered of one run as well as of two

const markOf = (right, t) => (t ? (right ? "✓" : "✗") : "·");

// With the sign of a row of which there is something to say.
const nameOf = ({ name, notes }) => name + (notes.length ? " !" : "");

function sinceWords({ since, lost }) {
  if (since) return `{loop} ${since}`;
  return lost ? `lost in {loop} ${lost}` : "never";
}

class InputsTable {
  /** @param {import("../core/types.js").FormHost} host */
  constructor(host) {
    this.host = host;
    // The filter, the order, and the person's own list as it was run last.
    this.view = Object.assign(host.kept, { outcome: "all", band: null, sort: "number", down: false, text: "" });
    this.rows = []; // all that are known
    this.shown = []; // those that are listed, in order
    this.lines = []; // the elements of each row, by its number
    this.build();
  }

  build() {
    const { words } = this.host;
    const label = words("Your {inputs}, one a line");
    const oninput = () => this.update();
    this.area = h("textarea", { rows: 4, spellcheck: "false", "aria-label": label, oninput });
    this.file = h("input", { type: "file", "aria-label": words("A file with {inputs}"), onchange: () => this.load() });
    this.own = h("div", { class: "ls-own" }, this.area, this.file);
    this.asking = this.host.askRow(() => this.run());
    this.band = this.select("Which band", (band) => ({ band: band || null }));
    this.outcome = this.select("Right or wrong", (outcome) => ({ outcome }));
    const failure = words("Open the next {input} that is wrong at the end");
    this.tools = h(
      "div",
      { class: "ls-form" },
      this.band,
      this.outcome,
      button("Next failure", failure, () => this.next(), "next-failure"),
      button("CSV", "Save the rows that are listed as CSV", () => this.save()),
    );
    this.head = h("tr", {});
    this.body = h("tbody", { onkeydown: (event) => this.walk(event), onclick: (event) => this.pick(event) });
    const table = h("table", { class: "ls-table" }, h("thead", {}, this.head), this.body);
    this.scroller = h("div", { class: "ls-scroller", role: "group", "aria-label": words("{Inputs}") }, table);
    this.says = h("p", { class: "ls-says", "aria-live": "polite" });
    this.root = h("div", { class: "ls-many" }, this.own, this.asking.root, this.tools, this.scroller, this.says);
  }

  select(label, change) {
    const onchange = (event) => {
      Object.assign(this.view, change(event.target.value));
      this.list();
    };
    return h("select", { "aria-label": label, onchange });
  }

  // ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────

  // The set of inputs that is asked about; with its text where it is the person's own list.
  get about() {
    const source = this.host.mode();
    return { source, text: source === OWN ? this.view.text : "" };
  }

  async run() {
    this.view.text = this.area.value;
    if (this.about.source === OWN && !this.view.text.trim()) {
      const text = this.host.words("There is no {input} yet; paste a list or choose a file.");
      this.host.say({ kind: "error", text });
      return;
    }
    this.update(); // of a list that was run before everything may be known
    for (let i = 0; i < this.host.seen().views.length; i++) {
      if (this.host.inputs(i, this.about)?.share === 1) continue;
      await this.host.askInputs(i, this.about);
      if (this.host.inputs(i, this.about)?.share !== 1) return; // cancelled, or it failed
    }
  }

  async load() {
    const [file] = this.file.files;
    if (!file) return;
    if (file.size > LONGEST) this.host.say({ kind: "error", text: `${file.name} is longer than 1 MiB.` });
    else this.area.value = await file.text();
    this.update();
  }

  // The answers about both runs as one, for the row that shows progress.
  together(answers) {
    const asked = answers.filter(Boolean);
    const done = asked.every((one) => one.share === 1 && !one.running);
    if (!asked.length || (done && asked.length < answers.length)) return undefined;
    const running = asked.find((one) => one.running);
    const before = asked.filter((one) => one !== running && one.share === 1).length;
    return {
      share: (before + (running ?? asked.at(-1)).share * (before < asked.length)) / answers.length,
      running: !!running,
      error: asked.find((one) => one.error)?.error,
      control: running?.control,
    };
  }

  // ── the rows ────────────────────────────────────────────────────────────────────────────────────────────────────

  update() {
    const { host } = this;
    const { views } = host.seen();
    const answers = views.map((_, i) => host.inputs(i, this.about));
    this.own.hidden = host.mode() !== OWN;
    this.area.placeholder = this.example();
    this.asking.update(host.words("Run these {inputs}"), this.together(answers), this.changedList(), null);
    const first = answers.findIndex((answer) => !answer?.arrays);
    const known = first < 0 ? answers : answers.slice(0, first);
    const data = known.map((answer) => answer.data).join("\n");
    const { t, puzzle } = host.seen();
    this.known = known;
    if (data !== this.data) {
      this.data = data;
      this.fill(known, views);
    } else if (t !== this.t || puzzle !== this.puzzle) this.list();
    else this.tell();
  }

  // How many are listed and how many of them are right.
  tell() {
    this.says.textContent = this.words(this.known ?? [], this.host.seen().views);
  }

  // Say so where the list in the field is not the one that was run.
  changedList() {
    const { text } = this.view;
    const other = this.host.mode() === OWN && text && this.area.value !== text;
    return other ? "The list was changed." : null;
  }

  example() {
    const { columns, examples } = this.host.seen().meta;
    return `${examples[0]?.text.slice(0, 40) ?? ""}\n… or CSV with the columns ${columns.join(", ")}`;
  }

  fill(known, views) {
    this.rows = known.length ? rowsOf(known) : [];
    const letters = known.map((_, i) => views[i].letter);
    const outcomes = [...ALWAYS, ...(known.length > 1 ? ["first", "second"] : [])];
    if (!outcomes.includes(this.view.outcome)) this.view.outcome = "all";
    options(
      this.outcome,
      outcomes.map((name) => [name, this.host.words(OUTCOMES[name][0])]),
      this.view.outcome,
    );
    this.fillBands(known[0]?.meta);
    const names = Object.keys(known[0]?.meta.bands ?? {});
    const judged = letters.map((letter, i) => [`since ${i}`, letter ? `right from, ${letter}` : "right from"]);
    const told = [["number", "#"], ["text", this.host.words("{input}")]];
    this.columns = [...told, ...judged, ...names.map((name) => [name, name])];
    this.lines = this.rows.map((row) => this.line(row, names));
    this.order = null; // of the elements in the table, which are others now
    this.tools.hidden = this.scroller.hidden = !this.rows.length;
    this.list();
  }

  fillBands(meta) {
    const groups = Object.entries(meta?.by ?? {}).map(([name, bands]) => {
      const entries = Object.keys(bands).map((label) => [`${name}\t${label}`, `${name} ${label} (${bands[label].n})`]);
      const made = entries.map(([value, words]) => h("option", { value, selected: value === this.view.band }, words));
      return h("optgroup", { label: name }, ...made);
    });
    this.band.replaceChildren(h("option", { value: "" }, this.host.words("all {inputs}")), ...groups);
    this.view.band = this.band.value || null;
  }

  line(row, names) {
    const name = nameOf(row);
    const open = h("button", { type: "button", tabindex: -1, title: row.notes.join(" ") || undefined }, name);
    const values = names.map((band) => h("td", {}, String(row.values[band])));
    const { views } = this.host.seen();
    const since = (run, i) => views[i].own(sinceWords(run));
    const runs = row.runs.map((run, i) => {
      const bar = h("span", { class: "ls-strip", "aria-hidden": "true" });
      bar.style.backgroundImage = strip(run, "var(--ls-accent)");
      const mark = h("b", {});
      return { mark, bar, cell: h("td", { class: "ls-judged" }, mark, bar, h("span", {}, since(run, i))) };
    });
    const text = h("td", { class: "ls-text", title: row.text }, row.text);
    const cells = runs.map((run) => run.cell);
    const root = h("tr", { "data-row": row.number }, h("th", { scope: "row" }, open), text, ...cells, ...values);
    return { root, open, runs };
  }

  // List the rows that belong, in order; mark the input that is open and what the loop of the clock says.
  list() {
    const { t, puzzle, views } = this.host.seen();
    Object.assign(this, { t, puzzle });
    this.shown = listed(this.rows, this.view, t);
    this.fillHead();
    const order = this.shown.map((row) => row.number).join();
    if (order !== this.order) {
      const hand = this.body.contains(document.activeElement) ? document.activeElement : null;
      this.body.replaceChildren(...this.shown.map((row) => this.lines[row.number].root));
      if (hand?.isConnected) hand.focus({ preventScroll: true });
    }
    this.order = order;
    const first = this.shown.find((row) => row.text === puzzle) ?? this.shown[0];
    for (const row of this.shown) this.mark(row, t, views, row === first);
    this.tell();
  }

  mark(row, t, views, first) {
    const { root, open, runs } = this.lines[row.number];
    root.toggleAttribute("aria-current", row.text === this.puzzle);
    open.tabIndex = first ? 0 : -1;
    runs.forEach(({ mark, bar }, i) => {
      const right = row.runs[i].right(t);
      const words = markOf(right, t);
      if (mark.textContent !== words) {
        mark.textContent = words;
        const after = views[i].own(`after {loop} ${views[i].at(t)}`);
        mark.ariaLabel = t ? `${right ? "right" : "wrong"} ${after}` : "not run yet";
        mark.className = t && !right ? "ls-wrong" : "";
      }
      bar.style.setProperty("--at", `${(100 * views[i].at(t)) / views[i].loops}%`);
    });
  }

  fillHead() {
    const { sort, down } = this.view;
    const key = `${(this.columns ?? []).join()}|${sort}|${down}`;
    if (key === this.headed) return;
    this.headed = key;
    const cells = (this.columns ?? []).map(([name, words]) => {
      const on = name === sort;
      const order = on ? (down ? "descending" : "ascending") : null;
      const sign = on ? (down ? " ▾" : " ▴") : "";
      const head = button(words + sign, `Sort by ${words}`, () => this.orderBy(name));
      return h("th", { scope: "col", "aria-sort": order }, head);
    });
    const hand = [...this.head.children].findIndex((cell) => cell.contains(document.activeElement));
    this.head.replaceChildren(...cells);
    if (hand >= 0) cells[hand]?.firstChild.focus({ preventScroll: true });
  }

  orderBy(name) {
    Object.assign(this.view, { down: this.view.sort === name && !this.view.down, sort: name });
    this.list();
  }

  // ── choosing a row ──────────────────────────────────────────────────────────────────────────────────────────────

  pick(event) {
    const line = event.target.closest("tr");
    if (line) this.open(this.rows[line.dataset.row]);
  }

  open(row) {
    this.host.use(row.text);
    this.reach(row);
  }

  // Bring a row into view within the table, and the focus to it.
  reach(row) {
    const { root, open } = this.lines[row.number];
    const { scroller } = this;
    const [top, room] = [root.offsetTop - this.head.offsetHeight, scroller.clientHeight - 2 * this.head.offsetHeight];
    if (top < scroller.scrollTop || top > scroller.scrollTop + room) scroller.scrollTop = top - room / 2;
    if (this.body.contains(document.activeElement)) open.focus({ preventScroll: true });
  }

  next() {
    const row = nextFailure(this.shown, this.host.seen().puzzle);
    if (row) this.open(row);
    else this.host.say({ kind: "info", text: this.host.words("None of the {inputs} listed is wrong at the end.") });
  }

  // Arrows go from row to row.
  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const line = event.target.closest("tr");
    if (!step || !line) return;
    event.preventDefault();
    const at = this.shown.findIndex((row) => row.number === Number(line.dataset.row));
    const row = this.shown[at + step];
    if (!row) return;
    for (const { open } of this.lines) open.tabIndex = -1;
    this.lines[row.number].open.tabIndex = 0;
    this.lines[row.number].open.focus({ preventScroll: true });
    this.reach(row);
  }

  get runNames() {
    return this.host.seen().views.map((view) => view.meta.label);
  }

  save() {
    this.host.saveTable(this.runNames, "inputs", this.table());
  }

  // ── to take away with the view ──────────────────────────────────────────────────────────────────────────────────

  table() {
    return numbersOf(this.shown, this.runNames);
  }

  // What is listed, to be drawn; null where no row is.
  listing() {
    if (!this.shown.length) return null;
    const { t, views } = this.host.seen();
    const heads = this.columns.map(([, words]) => words);
    const rows = this.shown.map((row) => {
      const runs = row.runs.map((run, i) => ({
        words: views[i].own(sinceWords(run)),
        mark: markOf(run.right(t), t),
        at: views[i].at(t) / views[i].loops,
        right: Array.from({ length: run.loops }, (_, s) => run.right(s + 1)),
      }));
      return [nameOf(row), row.text, ...runs, ...Object.values(row.values).map(String)];
    });
    return { heads, rows, notes: this.notes };
  }

  // What the sign of some rows means, in sentences with their names.
  get notes() {
    return notesOf(this.shown).map(([said, names]) => `! ${names.join(", ")}: ${said}`);
  }

  // ── in words ────────────────────────────────────────────────────────────────────────────────────────────────────

  words(known, views) {
    const { words } = this.host;
    if (!known.length) {
      const loops = Math.max(...views.map((view) => view.loops));
      const runs = views.length > 1 ? ", by both models" : "";
      const ofCandidates = views.some((view) => view.meta.contests);
      const cost = this.host.cost("inputs", { work: views.length * loops * views[0].geometry.n, ofCandidates });
      const takes = cost ? `; this takes ${cost} and can be cancelled` : "";
      return words(`Runs up to 200 {inputs} for ${plural(loops, "{loop}")} each${runs}${takes}.`);
    }
    const { data, total, left_out: left } = known[0].meta;
    const listing = `${this.shown.length} of ${plural(this.rows.length, "row")} listed.`;
    const part = this.rows.length < total ? ` So far ${this.rows.length} of ${total}.` : "";
    const rest = left ? ` The first ${total} of ${total + left} in the list.` : "";
    const scores = known.map((answer, i) => this.score(answer, views[i]));
    const notes = this.notes.map((said) => ` ${said}`).join("");
    return `${scores.join(" ")} ${sentence(data)}. ${listing}${part}${rest}${notes}`;
  }

  // How many are right after the loop of the clock: all of them, or of the chosen band.
  score({ arrays, meta }, view) {
    const { words } = this.host;
    const loop = view.at(this.t) || view.loops;
    const [name, label] = this.view.band?.split("\t") ?? [];
    const band = meta.by[name]?.[label];
    const { values } = arrays.accuracy;
    const at = (row) => values[row * view.loops + loop - 1];
    const [share, low, high] = band ? [band.accuracy[loop - 1], ...band.interval[loop - 1]] : [at(0), at(1), at(2)];
    const many = band ? band.n : arrays.since.values.length;
    const which = band ? `the ${many} with ${name} ${label}` : words(plural(many, "{input}", "{inputs}"));
    const are = many === 1 ? "is" : "are";
    const whose = view.letter ? `${view.letter}: ` : "";
    const range = `95 % interval ${percent(low)} to ${percent(high)}`;
    return `${whose}${view.own(`After {loop} ${loop}`)}, ${percent(share)} of ${which} ${are} right (${range}).`;
  }
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "inputs",
  title: "Table of {inputs}",
  question: "Which {inputs} does it get wrong?",
  about: "model",
  needs: "tokens",
  asks: { name: "inputs", board: false, inputs: true },
  modes: [
    ["usual", "held-out {inputs}"],
    ["hardest", "hard {inputs}"],
    ["lengths", "of every size"],
    ["examples", "the examples"],
    [OWN, "your own list"],
  ],
  offered: (mode, meta) => meta.sources.includes(mode),
  help:
    "Many {inputs}, each run by the model: a click on a row opens it in the microscope, “Next failure” the next " +
    "that is wrong at the end. ✓ or ✗ is the answer after the {loop} of the clock; the bar is filled where it is " +
    "right, from the first {loop} on the left to the last. Sort by a heading, and choose a band of difficulty, or " +
    "what became of them. A list of your own is a file or pasted text, one {input} a line or CSV.",
  formula:
    "Whole answers judged by the rules of the task after every {loop}, as `python -m looped evaluate` does. Right " +
    "from: the {loop} from which on it stays right to the end. Interval: Wilson, 95 %.",
  build: (host) => new InputsTable(host),
};
