// The bar at the top: checkpoints, loops, what the page adds, and the menus Ask, Panels and Share.

import { questionOf } from "../ask/asking.js";
import { costWords } from "../ask/costs.js";
import { button, h, nameOf, options } from "../core/elements.js";
import { openRuns } from "./asked.js";
import { FirstMinute } from "./firstminute.js";
import { passesOf, sentence } from "../core/words.js";
import { tellTerm, tellTerms } from "./glossary.js";
import { classEntry } from "./togetherbar.js";

// Headings of the menu Ask: what a panel's `about` says, and the words.
const ABOUT = [
  ["place", "This {place}"],
  ["run", "This run"],
  ["model", "The model"],
  ["whatif", "What if"],
];

const TABLE = "Many {inputs} in a table: which are right, how hard each is, the next failure";

const EDGE = 8; // pixels between a menu and the edge of the window, or the clock
const LOW = 96; // pixels below which a menu is not made lower

/** The bar at the top of a page. */
export class Bar {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.checkpoint = h("select", {
      id: "ls-checkpoint",
      onchange: () => page.ask({ checkpoint: this.checkpoint.value }),
    });
    this.versus = h("select", { id: "ls-versus", onchange: () => page.ask({ versus: this.versus.value }) });
    this.loops = h("input", { id: "ls-loops", type: "number", min: 1, step: 1, onchange: () => this.askLoops() });
    this.loopsWord = document.createTextNode("Loops ");
    this.loopsNote = h("span", { class: "ls-note" });
    this.beyond = h("button", { type: "button", "data-testid": "beyond", onclick: () => this.goBeyond() });
    this.example = h("select", { id: "ls-example", onchange: () => this.chooseExample() });
    this.copyButton = button("Copy link", "Copy a link to exactly this view", () => page.link.copy());
    this.panelList = h("div", { class: "ls-list" });
    this.first = new FirstMinute(page);
    this.questionButtons = {}; // by panel
    this.questionList = h("div", { class: "ls-list" }, ...this.questions());
  }

  /** @type {(inputs: { labelled: Element[], buttons: Element[] }) => Element} */
  build({ labelled, buttons }) {
    this.root = h(
      "div",
      { class: "ls-bar" },
      h("label", { for: "ls-checkpoint" }, "Checkpoint ", this.checkpoint),
      h("label", { for: "ls-versus", "data-server": "" }, "Compare with ", this.versus),
      h("label", { for: "ls-loops" }, this.loopsWord, this.loops),
      this.loopsNote,
      forServer(this.beyond),
      ...labelled.map(forServer),
      h(
        "span",
        { class: "ls-buttons" },
        forServer(this.tableButton()),
        ...buttons.map(forServer),
        ...this.menus(),
        button("?", "Keys", () => this.page.openKeys(), "keys"),
      ),
      this.first.root,
    );
    if (!this.page.host.ask)
      for (const field of [this.checkpoint, this.versus, this.loops, this.example]) field.disabled = true;
    return this.root;
  }

  // The words of the page have changed.
  retell() {
    this.questionList.replaceChildren(...this.questions());
  }

  // The questions of the page by what they are about, each with about how long it takes.
  questions() {
    const { page } = this;
    const panels = page.spec.questions.map((name) => page.all.find((one) => one.name === name));
    const groups = ABOUT.map(([about, title]) => [title, panels.filter((panel) => panel.about === about)]);
    return groups.map(([title, asked]) => {
      const words = page.words(title);
      const heading = h("p", { class: "ls-group" }, words);
      return h("div", { role: "group", "aria-label": words }, heading, ...asked.map((panel) => this.question(panel)));
    });
  }

  /** @type {(panel: Panel) => HTMLElement} */
  question(panel) {
    const { page } = this;
    const words = page.words(panel.question);
    const made = button(words, words, () => page.panels.ask(panel.name));
    made.append(h("span", { class: "ls-cost" }, this.costOf(panel)), h("small", { class: "ls-reason", hidden: true }));
    this.questionButtons[panel.name] = made;
    return made;
  }

  // How long the answer takes; "" where it is there at once, or where no run can be asked and the panel shows its own
  // numbers.
  /** @type {(panel: Panel) => string} */
  costOf(panel) {
    const { panels, state } = this.page;
    const { run } = state;
    const name = questionOf(panel, panels.modeOf(panel))?.name;
    const open = run.views.filter(({ meta }) => !meta.refused?.[name]);
    if (!run.views.length) return costWords(name);
    const slow = open.find(({ meta }) => meta.contests);
    if (slow) return costWords(name, { work: slow.loops * run.geometry.n, ofCandidates: true });
    return open.length ? costWords(name) : "";
  }

  // What choosing a question does as things stand, or why it cannot be asked.
  /** @type {(panel: Panel, refused: string|null) => string} */
  effectOf(panel, refused) {
    const { page } = this;
    const words = page.words(panel.question);
    const title = page.words(panel.title);
    if (refused !== null) return `${words} ${refused}`.trim();
    const runs = openRuns(page, panel).length;
    if (!runs) return `${words} Shows the panel ${title}`;
    const cost = this.costOf(panel);
    const takes = cost && `; the answer takes ${cost}${runs > 1 ? " for each model" : ""}`;
    return `${words} Asks at once and shows the panel ${title}${takes}`;
  }

  // Opens the table of many inputs; it stands beside the examples.
  tableButton() {
    const { page } = this;
    this.inputsButton = button(page.words("{Inputs}…"), page.words(TABLE), () => page.panels.ask("inputs"), "inputs");
    return this.inputsButton;
  }

  menus() {
    const questions = menu("Ask", "Questions to the model", "ls-menu ls-why", this.questionList);
    questions.addEventListener("toggle", () => questions.open && this.fillQuestions());
    return [
      questions,
      menu("Panels", "Choose and order the panels", "ls-menu", this.panelList),
      menu("Share", "Share, present or export this view", "ls-menu", h("div", { class: "ls-list" }, ...this.sharing())),
    ];
  }

  // What can be shared depends on what there is: an address, a server.
  /** @type {() => HTMLElement[]} */
  sharing() {
    const { page } = this;
    const { links, exportView, saveAnimation, savePage } = page.host;
    const animate = () => page.saveAnimation(page.state.layout.presenting ?? "board");
    const moving = "A GIF for slides of the whole run or of its range; that of a panel is in the panel's own menu";
    const presenting = () => page.link.copy({ present: page.state.layout.presenting ?? page.stage.first[0], hide: 1 });
    const why = "Copy a link that opens in presenter mode with the controls hidden";
    const present = () => page.stage.begin();
    const saving = "One file that steps, plays and shows every panel without a server";
    return [
      ...(links ? [this.copyButton, button("Copy link for presenting", why, presenting)] : []),
      ...(page.host.classes ? [classEntry(page)] : []),
      button("Present (P)", "One large panel at a time, for a projector", present, "present"),
      ...(exportView ? [this.exporting()] : []),
      ...(saveAnimation ? [button("Save as animation", moving, animate, "save-animation")] : []),
      ...(savePage ? [button("Save as page", saving, () => page.savePage(), "save-page")] : []),
    ];
  }

  exporting() {
    const title = "A zip with figures, arrays and a script that makes them again";
    const onclick = (event) => {
      event.preventDefault();
      this.page.exportView();
    };
    this.exportLink = h("a", { class: "ls-button", "data-testid": "export-view", title, onclick }, "Export this view");
    return this.exportLink;
  }

  // ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────

  askLoops() {
    const { meta } = this.page.state.run;
    const loops = Number(this.loops.value);
    if (Number.isInteger(loops) && loops >= 1 && loops <= meta.most_loops) {
      this.page.ask({ loops });
      return;
    }
    this.loops.value = meta.loops;
    const text = this.page.words(`The number of {loops} must be a whole number from 1 to ${meta.most_loops}.`);
    this.page.say({ kind: "error", text });
  }

  // Switch between the loops of training and more.
  goBeyond() {
    const { meta } = this.page.state.run;
    this.page.ask({ loops: this.isBeyond(meta) ? meta.runs[0].trained_loops : this.farther(meta) });
  }

  isBeyond(meta) {
    return meta.loops > meta.runs[0].trained_loops;
  }

  farther(meta) {
    return Math.min(2 * meta.runs[0].trained_loops, meta.most_loops);
  }

  chooseExample() {
    const example = this.page.state.run.meta.examples[Number(this.example.value)];
    if (this.example.value !== "" && example) this.page.useAnew(example.text);
  }

  // What is chosen, as the server is asked for it. The loops are "usual" where they are as many as training used; a
  // number that was chosen for one checkpoint is not carried over to another.
  /** @type {{ checkpoint: string, versus: string, loops: number|"usual" }} */
  get chosen() {
    const { meta } = this.page.state.run;
    const loops = Number(this.loops.value);
    const another = this.checkpoint.value.split("~")[0] !== meta.runs[0].base;
    const usual = another || loops === meta.usual_loops;
    return { checkpoint: this.checkpoint.value, versus: this.versus.value, loops: usual ? "usual" : loops };
  }

  // ── what a message says ─────────────────────────────────────────────────────────────────────────────────────────

  // current: the message answers the last request, so what is chosen here is what was run.
  /** @type {(current: boolean) => void} */
  fill(current) {
    const { meta } = this.page.state.run;
    const run = meta.runs[0];
    if (current) this.fillRun(meta, run);
    const same = meta.examples.findIndex((example) => example.text === this.page.state.typed.entry);
    const examples = meta.examples.map((example, i) => [String(i), example.name]);
    options(this.example, [["", "Your own"], ...examples], same < 0 ? "" : String(same));
    this.fillLoopsNote(meta, run);
    this.fillBeyond(meta, run);
  }

  fillRun(meta, run) {
    const others = meta.comparisons.map(({ title, names }) => {
      const entries = names.map(([value, words]) => h("option", { value, selected: value === meta.versus }, words));
      return h("optgroup", { label: title }, ...entries);
    });
    const checkpoints = meta.checkpoints.map(({ name, label }) => [name, label]);
    options(this.checkpoint, checkpoints, run.name);
    this.checkpoint.title = run.label;
    this.versus.title = meta.runs[1]?.label ?? "Choose a second model, or the same one with something changed";
    this.versus.replaceChildren(h("option", { value: "" }, "nothing"), ...others);
    this.loops.max = meta.most_loops;
    this.loops.value = meta.loops;
  }

  fillBeyond(meta, run) {
    const beyond = this.isBeyond(meta);
    const more = this.farther(meta);
    this.beyond.hidden = !run.looped || (!beyond && more <= run.trained_loops);
    if (this.beyond.hidden) return;
    this.beyond.textContent = beyond ? "as trained" : "+ beyond";
    this.beyond.title = beyond
      ? `Run the ${run.trained_loops} loops that training used`
      : `Run ${more} loops, ${more - run.trained_loops} beyond the ${run.trained_loops} that training used`;
  }

  fillLoopsNote(meta, run) {
    const trained = run.trained_loops;
    const beyond = meta.loops - trained;
    const { loops } = passesOf({ meta: run });
    this.loopsWord.data = `${sentence(loops)} `;
    if (!run.looped) {
      tellTerms(this.loopsNote, `${trained} ${loops}`);
      this.loopsNote.title = `a standard transformer has ${loops} in the place of loops`;
      return;
    }
    const clamped = run.clamped ? ", all with the last timestep of those" : "";
    tellTerm(this.loopsNote, `${trained} `, "trained", "Trained loops");
    this.loopsNote.title = `training used ${trained} loops`;
    if (beyond > 0) this.loopsNote.title = `${beyond} loops beyond the ${trained} that training used${clamped}`;
  }

  // The questions that there are for this run; one that its model cannot be asked says why.
  fillQuestions() {
    const { page } = this;
    for (const [name, asked] of [...Object.entries(this.questionButtons), ["inputs", this.inputsButton]]) {
      const { panel } = page.figures[name];
      const refused = page.panels.refusal(name);
      asked.hidden = !page.panels.here(name) || !page.panels.answerable(panel);
      asked.disabled = refused !== null;
      asked.ariaDisabled = String(asked.disabled);
      const cost = asked.querySelector(".ls-cost");
      if (cost) cost.textContent = this.costOf(panel);
      const reason = asked.querySelector(".ls-reason");
      if (reason) reason.textContent = refused ?? "";
      if (reason) reason.hidden = !refused;
      const table = asked === this.inputsButton;
      asked.title = table ? refused || page.words(TABLE) : this.effectOf(panel, refused);
      asked.ariaLabel = nameOf(table ? asked.textContent : "", asked.title);
    }
    for (const group of this.questionList.children) group.hidden = !group.querySelector("button:not([hidden])");
  }

  // The panels that are shown, in their order, then the others.
  fillPanels() {
    const { page } = this;
    const panels = page.panels.chosen();
    const others = page.all.map((panel) => panel.name).filter((name) => !panels.includes(name));
    const focused = this.panelList.contains(document.activeElement) ? document.activeElement.title : null;
    const atFirst = button("As at first", "Show the panels of a first visit", () => page.panels.arrangeAsAtFirst());
    this.panelList.replaceChildren(...[...panels, ...others].map((name) => this.panelEntry(name)), atFirst);
    if (focused) this.panelList.querySelector(`[title="${focused}"]`)?.focus();
  }

  // Why a panel shows nothing, below its title; "" where it shows something.
  whyNot(name) {
    const { page } = this;
    const refused = page.panels.refusal(name);
    if (refused !== null) return refused || "This checkpoint cannot serve it.";
    if (page.panels.answerable(page.figures[name].panel)) return "";
    return page.host.inside ? "It needs the app." : "It is not in this saved page.";
  }

  panelEntry(name) {
    const { page } = this;
    const title = page.words(page.figures[name].panel.title);
    const on = page.panels.chosen().includes(name);
    const onchange = () => (on ? page.panels.hide(name) : page.arrange([...page.state.layout.panels, name]));
    const why = this.whyNot(name);
    const never = !!why && !on; // one that is shown can be taken off
    const reason = h("small", { class: "ls-reason", id: `ls-why-${name}` }, why);
    const about = never ? { disabled: true, "aria-disabled": "true" } : { onchange };
    const box = h("input", { type: "checkbox", checked: on, title: `Show ${title}`, ...about });
    if (why) box.setAttribute("aria-describedby", reason.id);
    const moves = [
      button("↑", `Move ${title} earlier`, () => page.panels.move(name, -1)),
      button("↓", `Move ${title} later`, () => page.panels.move(name, 1)),
    ];
    const label = h("label", {}, box, h("span", {}, title, ...(why ? [reason] : [])));
    return h("div", { class: "ls-item" }, label, ...(on ? moves : []));
  }
}

/** @type {(name: string, title: string, style: string, list: HTMLElement) => HTMLElement} a menu of the bar */
export function menu(name, title, style, list) {
  const onkeydown = (event) => walk(event, list);
  const ontoggle = () => intoView(list);
  return h("details", { class: style, name: "ls-menu", onkeydown, ontoggle }, h("summary", { title }, name), list);
}

// Moves a list that would leave the window at its left edge into it, and ends it above the clock.
function intoView(list) {
  list.style.maxHeight = "";
  const clock = list.closest(".ls")?.querySelector(".ls-clock")?.getBoundingClientRect();
  const room = clock ? clock.top - list.getBoundingClientRect().top - EDGE : 0;
  if (room > LOW) list.style.maxHeight = `min(70vh, ${room}px)`;
  list.style.translate = "";
  const { left } = list.getBoundingClientRect();
  if (left < EDGE && list.offsetWidth) list.style.translate = `${EDGE - left}px`;
}

// Arrows, Home and End move in an open menu, round and round.
function walk(event, list) {
  const usable = [...list.querySelectorAll("button:enabled, a, input:enabled")];
  const entries = usable.filter((one) => one.getClientRects().length);
  const at = entries.indexOf(event.target);
  const last = entries.length - 1;
  const up = at > 0 ? at - 1 : last;
  const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: up, Home: 0, End: last }[event.key];
  if (to === undefined || !entries.length) return;
  event.preventDefault();
  entries[to].focus();
}

// Marks what asks the server for another run: a saved page does not show it.
function forServer(element) {
  element.dataset.server = "";
  return element;
}
