// The form in which a person says what is to be different in a second run.

import { button, h, options } from "../core/elements.js";
import { listed, passesOf, sentence } from "../core/words.js";

// The changes by group: [kind, words, fields for its values]. A change is written as looped/runs/changes.py reads
// it.
const TIMESTEP = [
  ["freeze", "Freeze the timestep at t", [["number", "t", 0, 0, 1000]]],
  ["shift", "Shift the timesteps by", [["number", "by", 100, -1000, 1000]]],
  ["stretch", "Multiply the timesteps by", [["number", "factor", 0.5, 0, 1000]]],
  ["shuffle", "Shuffle the timesteps", [["number", "seed", 0, 0, 999999]]],
  ["close", "Set scales to zero", [["scales"]]],
  ["ones", "Set all scales to one", []],
];
const BLOCK = [
  ["cut", "Cut", [["parts"]]],
  ["block", "Keep the chosen {place} from attending to", [["unit"]]],
  ["temperature", "Softmax temperature", [["number", "temperature", 0.5, 0, 1000]]],
  ["mute", "Mute contests", [["contests"]]],
];
const STATES = [
  ["set", "Set the chosen {place} to", [["digit"]]],
  ["patch", "Replace the chosen {place}'s state by", [["donor"]]],
  [
    "swap",
    "Exchange two {tokens}: their states, and what is given",
    [
      ["one", 1],
      ["one", 2],
    ],
  ],
];
const CHANGES = [
  ["Timestep (TMLT)", TIMESTEP],
  ["Parts of the block", BLOCK],
  ["The input and the states", STATES],
];
const OF_THE_CELL = ["block", "set", "patch"]; // their first value is the chosen position
const GROUPS = ["cell", "row", "column", "box"].map((group) => [group, `all in ${group === "box" ? "boxe" : group}s`]);
const UNTIL = [
  ["", "to the end"],
  ["one", "for one {loop}"],
];

// What the chosen position can be kept from attending to: [positions joined by _, words]. Each of its groups, and all
// of them together; the rows of an input without groups.
function units({ geometry, chosen, words }) {
  const joined = (cells) => cells.filter((j) => j !== chosen).join("_");
  const cells = [...Array(geometry.n).keys()];
  const own = ([, numbers]) => cells.filter((j) => numbers[j] === numbers[chosen]);
  const shared = (geometry.units ?? []).map((unit) => [own(unit), unit[0]]);
  const together = [[...new Set(shared.flatMap(([own]) => own))], words("its {groups}")];
  const lines = geometry.lines.map((line, r) => [line, geometry.groups[r]]);
  const groups = shared.length ? [...shared, together] : lines;
  const listed = [...groups, [cells, "everything but itself"]].map(([those, said]) => [joined(those), said]);
  return listed.filter(([those]) => those);
}

// The gates and scales that can be set to zero, as a change names them, in words.
function scales({ view: { meta } }) {
  const gates = meta.vectors.filter(({ gate }) => gate);
  const all = gates.length > 1 ? [[gates.map(({ name }) => name).join("_"), "both gates"]] : [];
  const others = meta.vectors.filter(({ gate }) => !gate);
  const said = ({ name, symbol, branch }) => [name, `${symbol} (${branch})`];
  return [...gates.map(said), ...all, ...others.map(({ name, symbol }) => [name, symbol])];
}

// The parts of a block that can be cut.
function parts({ view: { meta } }) {
  const heads = [...Array(meta.heads).keys()];
  const each = heads.map((i) => [String(i), `head ${i + 1}`]);
  return [...each, [heads.join("_"), "all heads"], ["mlp", "the MLP"]];
}

// The contests that can be muted: all in groups of a kind, or one in all groups.
function contests({ view: { meta } }) {
  return [...GROUPS, ...[...Array(meta.contests ?? 0).keys()].map((i) => [String(i), `contest ${i + 1}`])];
}

// Which changes a model cannot be given and why, by reason; each is called as in the list.
function refusals(unoffered, words) {
  const found = {};
  for (const [kind, said] of CHANGES.flatMap(([, kinds]) => kinds))
    if (unoffered[kind]) (found[unoffered[kind]] ??= []).push(`“${words(said)}”`);
  return Object.entries(found).map(([why, names]) => `${listed(names)}: ${why[0].toLowerCase()}${why.slice(1)}`);
}

class WhatIfForm {
  /** @param {import("../core/types.js").FormHost} host */
  constructor(host) {
    this.host = host;
    this.filledFor = "";
    this.listed = null;
    this.recalled = false;
    this.before = ""; // the run that was B before the first change
    this.kind = h("select", { "aria-label": "What to change", onchange: () => this.choosing() });
    this.fields = h("span", { class: "ls-fields" });
    this.from = h("select", {});
    this.until = h("select", {});
    this.wrong = h("p", { class: "ls-refusal", role: "alert" });
    this.grey = h("p", { class: "ls-note" });
    this.list = h("ul", { class: "ls-changes" });
    this.says = h("p", { class: "ls-says" });
    this.kind.append(...CHANGES.map(([title, kinds]) => this.group(title, kinds)));
    const run = { type: "button", class: "ls-primary", "data-testid": "whatif-run", onclick: () => this.add() };
    const form = h(
      "div",
      { class: "ls-form" },
      this.kind,
      this.fields,
      this.from,
      this.until,
      h("button", run, "Run it beside"),
    );
    this.root = h("div", { class: "ls-whatif" }, form, this.wrong, this.grey, this.list, this.says);
  }

  group(title, kinds) {
    const { words } = this.host;
    return h("optgroup", { label: words(title) }, ...kinds.map(([value, said]) => h("option", { value }, words(said))));
  }

  // ── the fields of the chosen change ─────────────────────────────────────────────────────────────────────────────

  field(how, name, value, min, max) {
    const seen = this.host.seen();
    if (how === "number") {
      const limits = { min, max, title: `${sentence(name)}, from ${min} to ${max}` };
      return h("input", {
        type: "number",
        step: "any",
        value,
        ...limits,
        "aria-label": sentence(name),
        "data-field": "",
      });
    }
    if (how === "scales") return this.choose("Scales", scales(seen));
    if (how === "parts") return this.choose("Part", parts(seen));
    if (how === "unit") return this.choose("What it may not see", units(seen));
    if (how === "contests") return this.choose("Which contests", contests(seen));
    if (how === "one") return this.digit(name);
    if (how === "digit") return this.choose(sentence(this.host.words("{token}")), this.host.settable());
    const own = seen.view.meta.puts_back ? [["start", "its own from the start"]] : [];
    return this.choose("Whose state", [...own, ...this.host.donors()]);
  }

  // One of the two digits that are exchanged, the first or the second.
  digit(which) {
    const digits = this.host.settable().filter(([value]) => value !== "0");
    const select = this.choose(this.host.words(which === 1 ? "First {token}" : "Second {token}"), digits);
    select.selectedIndex = which - 1;
    return select;
  }

  choose(name, pairs) {
    const select = h("select", { "aria-label": name, "data-field": "" });
    options(select, pairs, pairs[0][0]);
    return select;
  }

  // What the fields depend on.
  key() {
    const { chosen, geometry, view } = this.host.seen();
    return `${this.kind.value}|${chosen}|${geometry.n}|${view.meta.heads}|${view.meta.contests}|${view.meta.puts_back}`;
  }

  fill() {
    this.wrong.textContent = "";
    const [, , fields] = CHANGES.flatMap(([, kinds]) => kinds).find(([value]) => value === this.kind.value);
    this.filledFor = this.key();
    this.fields.replaceChildren(...fields.map(([how, ...more]) => this.field(how, ...more)));
    this.until.hidden = this.kind.value === "patch"; // a state is replaced once
  }

  // A change of another kind was chosen. Before the first {loop} a state is at its start already: it is put back there
  // where the clock stands, and before any {loop} it is another's that is offered first.
  choosing() {
    this.fill();
    if (this.kind.value !== "patch") return;
    const { options } = this.from;
    this.from.value = options[options.length - 1].value;
    const donor = this.fields.querySelector("select");
    const another = [...donor.options].findIndex(({ value }) => value !== "start");
    if (this.from.value === "0" && another >= 0) donor.selectedIndex = another;
  }

  // The same entry of a list stays chosen when the list is made anew.
  refill() {
    const before = this.fields.querySelector("select")?.selectedIndex ?? 0;
    this.fill();
    const again = this.fields.querySelector("select");
    if (again && before > 0 && before < again.options.length) again.selectedIndex = before;
  }

  // ── the changes that are made ───────────────────────────────────────────────────────────────────────────────────

  // The first run: its checkpoint (base), and what is different in it already (parts).
  first() {
    return this.host.seen().meta.runs[0];
  }

  // The changes that the second run has beyond those of the first.
  made() {
    const { base, parts: own } = this.first();
    const second = this.host.seen().meta.runs[1];
    if (second?.base !== base || own.some((change, i) => change !== second.parts[i])) return [];
    return second.parts.slice(own.length);
  }

  run(changes) {
    const { base, parts: own } = this.first();
    const second = this.host.seen().meta.runs[1];
    if (!this.made().length) this.before = second?.name ?? "";
    this.host.compare(changes.length ? `${base}~${[...own, ...changes].join(",")}` : this.before);
  }

  add() {
    const fields = [...this.fields.querySelectorAll("[data-field]")];
    const wrong = fields.find((field) => !field.value || !field.checkValidity());
    if (wrong) {
      const limits = `${wrong.ariaLabel} must be a number from ${wrong.min} to ${wrong.max}.`;
      this.wrong.textContent = wrong.value ? limits : `A number is missing. ${limits}`;
      wrong.focus();
      return;
    }
    this.wrong.textContent = "";
    const values = fields.map((field) => field.value);
    if (OF_THE_CELL.includes(this.kind.value)) values.unshift(String(this.host.seen().chosen));
    this.run([...this.made(), this.written(values)]);
  }

  // kind=value_value@from-until
  written(values) {
    const kind = this.kind.value;
    const first = Number(this.from.value);
    const stop = this.until.value === "one" ? `-${first + 1}` : "";
    const what = values.length ? `=${values.join("_")}` : "";
    if (!first && !stop) return kind + what;
    return `${kind}${what}@${first}${kind === "patch" ? "" : stop}`;
  }

  listChanges(changes, said) {
    this.listed = changes.join();
    const entries = changes.map((change, i) => {
      const words = said[i] ?? change;
      const back = button("✕", `Take this back: ${words}`, () => this.run(changes.filter((_, k) => k !== i)));
      return h("li", {}, h("span", {}, sentence(words)), back);
    });
    const all = button("Take all back", "Take all changes back", () => this.run([]));
    const hand = [...this.list.children].findIndex((entry) => entry.contains(document.activeElement));
    this.list.replaceChildren(...entries, ...(changes.length > 1 ? [h("li", {}, all)] : []));
    if (hand < 0) return;
    const near = (entries[hand] ?? entries.at(-1))?.querySelector("button"); // the next change, or the last one
    (near ?? this.kind).focus({ preventScroll: true });
  }

  // ── what the page says ──────────────────────────────────────────────────────────────────────────────────────────

  update() {
    const { t, view, views, chosen, geometry, words } = this.host.seen();
    const now = Math.min(t, view.loops);
    this.call(view);
    if (!this.recalled) this.recall();
    if (this.key() !== this.filledFor) this.refill();
    this.offerLoops(now, view);
    this.offer(view.meta.kinds, view.meta.unoffered);
    const changes = this.made();
    const other = views[1];
    const said = other?.meta.changes.slice(this.first().parts.length) ?? changes;
    if (changes.join() !== this.listed) this.listChanges(changes, said);
    const clock = view.own(`the clock stands at {loop} ${now}`);
    const where = `${words("The chosen {place}")} is ${geometry.name(chosen)}; ${clock}.`;
    this.says.textContent = other && changes.length ? this.host.verdict() : `${where} ${this.nothing(other)}`;
  }

  // Nothing is changed yet: what a change does to a run that is compared already.
  /** @type {(other?: import("../core/view.js").View) => string} */
  nothing(other) {
    if (!other) return "Nothing is changed yet.";
    const label = other.meta.label;
    return `Nothing is changed yet. What is run beside takes the place of ${label} as B until it is taken back.`;
  }

  // A link was opened: the form stands as for the last change that it makes, from where the clock is or the start.
  recall() {
    this.recalled = true;
    const last = this.made().at(-1);
    if (!last) return;
    const [kind, from] = [last.split(/[=@]/)[0], last.split("@")[1]];
    if ([...this.kind.options].some(({ value }) => value === kind)) this.kind.value = kind;
    if (from && from !== "0") options(this.from, [[from, ""]], from); // the list is made with the clock
    if (from?.includes("-")) this.until.value = "one";
  }

  // Changes that the model can be given, and why it cannot be given the others.
  /** @type {(kinds: string[], unoffered: Object<string, string>) => void} */
  offer(kinds, unoffered) {
    for (const option of this.kind.options) {
      option.disabled = !kinds.includes(option.value);
      option.title = unoffered[option.value] ?? "";
    }
    const whys = refusals(unoffered, (text) => this.host.words(text));
    this.grey.textContent = whys.length ? `Not for this model: ${whys.join(" ")}` : "";
    this.grey.hidden = !whys.length;
    if (!this.kind.selectedOptions[0].disabled) return;
    this.kind.value = [...this.kind.options].find((option) => !option.disabled).value;
    this.choosing();
  }

  // What the first run counts is called otherwise than before: loops or layers.
  call(view) {
    const { loop } = passesOf(view);
    if (this.from.dataset.called === loop) return;
    this.from.dataset.called = loop;
    this.from.ariaLabel = `From which ${loop}`;
    this.until.ariaLabel = `Until which ${loop}`;
    const until = UNTIL.map(([value, words]) => [value, view.own(words)]);
    options(this.until, until, this.until.value);
    delete this.from.dataset.at;
  }

  offerLoops(now, view) {
    if (this.from.dataset.at === String(now)) return;
    const kept = this.from.value !== "" && this.from.value !== "0" && now;
    const later = now ? [[String(now), view.own(`after {loop} ${now} (now)`)]] : [];
    this.from.dataset.at = now;
    options(this.from, [["0", "from the start"], ...later], kept ? String(now) : "0");
  }
}

/** @type {import("../core/types.js").Panel} */
export default {
  name: "whatif",
  title: "What if",
  question: "What if the run were different?",
  about: "whatif",
  needs: "tokens",
  help:
    "Say what is to be different and run it beside the first: the same model on the same {input}, on " +
    "the same clock. {Input} B, the verdict under the {inputs} and every panel then show both; “Show: A " +
    "against B” draws the difference. A change acts from the {loop} you choose, so “after this {loop}” " +
    "means: everything up to where the clock stands stays as it was. Several changes add up; one that sets " +
    "the same again takes the place of the first, and the list says which one another leaves without effect. " +
    "When all are taken back, the model that was compared before is B again. The address bar holds them: a link " +
    "shows the same.",
  formula:
    "{Loop} t of the changed run: h[t+1] = block′(h[t]) with the same weights. Timesteps: TE(f(t)) in " +
    "place of TE(t). Cut: the head's, or the MLP's, output is not added. {A place} that may not attend " +
    "to others: those scores are −∞, the rest of its row sums to one again. A state that is " +
    "replaced: h[t][{place}] ← that of another run after as many {loops}. {A place} that is set: from then on the " +
    "model reads another token there; the run is still drawn and judged by the {input} as it stands. Muted " +
    "contests: their shares, and what their winners say, are 0. Two {tokens} exchanged: the states of their " +
    "candidates once, and in every {loop} from then on what is given.",
  build: (host) => new WhatIfForm(host),
};
