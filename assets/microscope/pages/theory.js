// The page Theory: a machine with weights written by hand, on one clock, with the function, the input and the sizes in
// a person's hands. The numbers come from looped/theory; here they are drawn.

import { Answers } from "../ask/answers.js";
import { button, h } from "../core/elements.js";
import { Link, linkTo, opensWith, whereKept } from "../core/links.js";
import { readMessage } from "../core/message.js";
import { readColours } from "../draw/colours.js";
import { StagedClock } from "../theory/clock.js";
import { counts } from "../theory/counts.js";
import { PANELS } from "../theory/registry.js";
import { stageOf } from "../theory/stages.js";
import { TheoryState } from "../theory/state.js";
import { ClockBar } from "./clockbar.js";
import { MOVES, closeDetails, commanded } from "./keys.js";
import { Lesson } from "./lesson.js";
import { reachable, Resending } from "./resending.js";
import { ServerWatch } from "./serverwatch.js";
import { TheoryBar } from "./theorybar.js";
import { animateTheory, saveTheory } from "./theoryfiles.js";
import { TheoryGround, TheoryLink } from "./theorylesson.js";
import { TheoryPanel, heading } from "./theorypanel.js";
import { TheoryStage } from "./theorystage.js";

const REST = 250; // milliseconds that the clock rests before the address follows

const remembered = { loop: null };

/** The page. */
export class TheoryPage {
  static page = "theory";

  /** @param {Element} parent @param {import("../core/types.js").Host} host */
  constructor(parent, host) {
    this.host = host;
    this.state = new TheoryState();
    this.answers = new Answers(host.ask, () => this.soon());
    this.clock = new StagedClock(() => this.changed());
    this.spec = TheoryPage;
    this.path = location.pathname;
    this.link = new TheoryLink(this);
    this.lesson = new Lesson(this, new TheoryGround(this));
    this.build(parent);
    this.listeners = [
      [document, "keydown", (event) => this.key(event)],
      [window, "popstate", (event) => this.went(event), { capture: true }],
      [matchMedia("(prefers-color-scheme: dark)"), "change", () => this.soon()],
    ];
    this.resizer = new ResizeObserver(() => this.soon());
    this.watch = new ServerWatch(this);
    const waiting = () => this.busy && this.root.isConnected;
    this.resending = new Resending({ waiting, again: () => this.send(), alive: reachable, away: () => this.away() });
  }

  /** @type {(parent: Element) => void} */
  build(parent) {
    this.bar = new TheoryBar(this);
    this.message = h("div", { class: "ls-message", role: "status", "aria-live": "polite", "data-testid": "message" });
    this.clockBar = new ClockBar(this.clock);
    this.panels = PANELS.map((panel) => new TheoryPanel(panel, this));
    this.counts = h("div", { class: "ls-limits" });
    const about = {
      name: "counts",
      title: "Capacity by count",
      help: "What the theorem asks for at this δ and N, as the paper counts it and as counted in the machine here.",
    };
    const box = { class: "ls-panel ls-t-counts", "data-panel": "counts", "aria-label": about.title };
    this.last = h("section", box, heading(this, about), this.counts);
    this.stage = new TheoryStage(this);
    const panels = h("div", { class: "ls-theory-panels" }, ...this.panels.map((panel) => panel.root), this.last);
    this.root = h(
      "div",
      { class: "ls ls-theory", "data-testid": "microscope" },
      this.bar.root,
      this.message,
      this.lesson.together.bar.root,
      this.stage.root,
      h("div", { class: "ls-main" }, this.lesson.column.root, panels),
      this.clockBar.root,
    );
    parent.append(this.root);
  }

  attach() {
    for (const [target, ...listener] of this.listeners) target.addEventListener(...listener);
    this.resizer.observe(this.root);
    this.watch.attach();
  }

  detach() {
    remembered.loop = this.clock.loop;
    this.clock.pause();
    this.lesson.together.detach();
    for (const [target, ...listener] of this.listeners) target.removeEventListener(...listener);
    this.resizer.disconnect();
    this.watch.detach();
  }

  /** @type {Object<string, import("../core/types.js").NamedArray>} */
  get arrays() {
    return this.state.run.arrays;
  }

  /** @type {object} */
  get meta() {
    return this.state.run.meta;
  }

  // ── a message arrives ───────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(bytes: Uint8Array) => void} */
  receive(bytes) {
    if (bytes === this.state.run?.bytes) return;
    const { meta, runs } = readMessage(bytes);
    const first = !this.state.run;
    const atEnd = this.clock.loop === this.clock.loops;
    const { asked, view } = this.state;
    const traces = (this.state.run?.traces ?? 0) + 1;
    this.state.run = { bytes, arrays: runs[0], meta: meta.runs[0], traces };
    asked.answered = meta.request;
    if (meta.request > asked.number) asked.number = meta.request;
    const { stages, loops } = this.meta;
    this.clock.slow = stages[0] + stages[1];
    this.clock.setLoops(loops);
    this.mark();
    if (first) this.begin();
    else if (atEnd) this.clock.loop = loops;
    this.arrived();
    if (view.delta == null || !first) view.delta = this.deltaOfCells();
    if (!asked.wanted) this.state.hand = {};
    if (meta.message || !this.message.hasAttribute("data-stays")) this.say(meta.message);
    this.bar.fill();
    this.counts.replaceChildren(...counts(this.seen()));
    this.ask();
    this.changed();
    if (first) this.lesson.begin(new URLSearchParams(opensWith(this.host)));
  }

  // The setting of an entry of the browser's history is here: its loop is shown, too.
  arrived() {
    const { asked, written } = this.state;
    if (written.went == null || asked.wanted || this.busy) return;
    this.clock.loop = Math.min(written.went, this.clock.loops);
    Object.assign(written, { went: null, came: true });
  }

  // Marks on the clock's track.
  mark() {
    const { stages } = this.meta;
    const own = [
      [stages[0], "right", "IDs"],
      [stages[0] + stages[1], "cell", "context read"],
    ];
    this.clockBar.setMarks([...this.lesson.marks, ...own]); // the first at a loop gives its colour
  }

  // The elements of the panels by their names.
  /** @type {Object<string, Element>} */
  get figures() {
    return { ...Object.fromEntries(this.panels.map(({ panel, root }) => [panel.name, root])), counts: this.last };
  }

  // Show these panels alone; null for all.
  /** @type {(panels: string[]|null) => void} */
  showPanels(panels) {
    this.look({ panels });
    this.stage.show();
  }

  // How a link draws the setting.
  /** @type {(link: Link) => Partial<import("../theory/state.js").TheoryView>} */
  lookOf(link) {
    const names = Object.keys(this.figures);
    const rates = this.meta.rates.map(([name]) => name);
    const panels = link.panels(names)?.filter((name) => names.includes(name)) ?? [];
    return {
      zoom: link.one("zoom", ["1"], "a zoom") === "1",
      present: link.one("present", names, "a panel called"),
      rate: link.one("rate", rates, "a rate experiment called") ?? rates[0],
      over: link.one("over", ["loops"], "an axis") ?? "cells",
      panels: panels.length ? panels : null,
    };
  }

  // What a link says of the view, else where the page was left.
  begin() {
    const link = new Link(opensWith(this.host));
    const { clock, answers } = this;
    answers.add(this.host.answers ?? []); // those that came with a saved page
    const { view } = this.state;
    clock.loop = link.whole("loop", clock.loops) ?? Math.min(remembered.loop ?? 0, clock.loops);
    const range = link.range(clock.loops);
    if (range) clock.range = range;
    Object.assign(view, this.lookOf(link));
    this.stage.show();
    view.delta = link.whole("delta", this.arrays.deltas.values.length - 1);
    if (link.inVain) this.state.trouble = { kind: "warning", text: link.inVain };
  }

  // The place of δ = 1/cells among the distances that were searched.
  /** @type {() => number} */
  deltaOfCells() {
    const apart = Array.from(this.arrays.deltas.values, (delta) => Math.abs(delta * this.meta.cells - 1));
    return apart.indexOf(Math.min(...apart));
  }

  /** @type {(message: import("./page.js").Said|null) => void} */
  say(message) {
    const said = message ?? this.state.trouble ?? null;
    this.state.trouble = null;
    const close = button("✕", "Close this message", () => this.say(null));
    this.message.replaceChildren(...(said ? [said.text, ...(said.more ?? []), close] : []));
    this.message.className = `ls-message ${said ? `ls-${said.kind}` : ""}`;
    this.message.toggleAttribute("data-stays", !!said?.stays);
  }

  // ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────

  // Ask for another setting: parts of a link. While one is under way, the last that is wanted waits.
  /** @type {(parts: Object<string, string>) => void} */
  change(parts) {
    if (this.refused()) return;
    this.state.asked.wanted = { ...this.lastAsked, ...parts };
    this.ask();
    this.soon();
  }

  // The setting that was asked for last, which may not be on screen yet.
  /** @type {Object<string, string>} */
  get lastAsked() {
    const { asked } = this.state;
    return asked.wanted ?? (this.busy ? asked.sent : null) ?? this.meta.query;
  }

  // What `undraw` needs to take back what a hand does from now on.
  /** @type {{ hand: import("../theory/state.js").Hand, query: Object<string, string> }} */
  get setting() {
    return { hand: { ...this.state.hand }, query: { ...this.lastAsked } };
  }

  // A saved page has nobody to ask, and says so.
  /** @type {() => boolean} */
  refused() {
    if (this.host.send) return false;
    this.say({ kind: "info", text: `${whereKept(this.host)}: it shows one setting. Another needs the app.` });
    this.bar.fill();
    this.soon();
    return true;
  }

  ask() {
    const { asked } = this.state;
    if (asked.wanted && !this.busy && this.host.send) {
      Object.assign(asked, { sent: asked.wanted, wanted: null });
      this.send();
      this.resending.begin();
    }
    this.root.toggleAttribute("data-busy", this.busy);
  }

  // Ask for what was asked for last under a new number.
  send() {
    const { asked } = this.state;
    asked.number++;
    this.host.send({ number: asked.number, query: asked.sent });
  }

  // Whether an answer is under way.
  /** @type {boolean} */
  get busy() {
    const { asked } = this.state;
    return asked.number !== asked.answered;
  }

  // The server is away: the setting that was asked for is not on screen. Its answer takes the words back.
  away() {
    this.say({ kind: "warning", text: "The server cannot be reached. What you set is shown as soon as it is back." });
  }

  // A hand has changed a curve, the input or the sequence; it shows at once.
  /** @type {(changed: import("../theory/state.js").Hand) => void} */
  draw(changed) {
    if (this.refused()) return;
    Object.assign(this.state.hand, changed);
    const parts = Object.entries(changed).map(([name, values]) => {
      const text = values.join(",");
      return [name, name === "g" || name === "h" ? `drawn,${text}` : text];
    });
    this.change(Object.fromEntries(parts));
  }

  // Take back what a hand has changed since this was the setting.
  /** @type {(before: TheoryPage["setting"]) => void} */
  undraw({ hand, query }) {
    this.state.hand = hand;
    this.change(query);
  }

  // Look at the same numbers in another way.
  /** @type {(changed: Partial<import("../theory/state.js").TheoryView>) => void} */
  look(changed) {
    Object.assign(this.state.view, changed);
    this.changed();
  }

  // Make the rate experiment that is shown; it depends on nothing else here.
  askRate() {
    const { rate } = this.state.view;
    this.answers.ask(rate, new URLSearchParams({ question: "rate", rate }), {});
  }

  // ── keys, history, the address ──────────────────────────────────────────────────────────────────────────────────

  /** @type {(event: KeyboardEvent) => void} */
  key(event) {
    const target = event.composedPath()[0];
    const clocks = target === this.clockBar.slider;
    const onField = !clocks && target.closest?.("input, select, textarea");
    const held = target.closest?.("[role=slider]"); // the points of a figure: the arrows move them, the rest is free
    if (event.defaultPrevented || commanded(event) || onField) return;
    const onButton = target.closest?.("button, summary, a");
    if (event.code === "Space" && !onButton) this.clock.toggle();
    else if (event.key === "Escape") this.escape(held);
    else if (/^p$/i.test(event.key)) this.state.view.present ? this.stage.present(null) : this.stage.begin();
    else if (/^n$/i.test(event.key) && this.state.view.present) this.stage.next(1);
    else if (!Object.hasOwn(MOVES, event.key) || held || (clocks && event.key.startsWith("Arrow"))) return;
    else MOVES[event.key](this.clock);
    event.preventDefault();
  }

  // Esc: the nearest thing goes first, as on the other pages.
  /** @type {(held: HTMLElement|null) => void} */
  escape(held) {
    if (this.root.querySelector("details[open]")) this.closeMenus();
    else if (held) held.blur();
    else if (this.state.view.present) this.stage.present(null);
  }

  closeMenus() {
    this.root.querySelectorAll("details[open]").forEach(closeDetails);
  }

  // The browser went to another entry of its history.
  /** @type {(event: PopStateEvent) => void} */
  went(event) {
    if (!this.host.send || !location.pathname.endsWith("/theory")) return;
    event.stopImmediatePropagation();
    this.link.showAsked();
  }

  // The view as a link, with changes.
  /** @type {(more?: Object<string, string>) => URL} */
  address(more = {}) {
    const { clock, meta } = this;
    const { view } = this.state;
    return linkTo(location.href, {
      ...meta.query,
      loop: clock.loop,
      range: clock.range && clock.range.join("-"),
      zoom: view.zoom ? 1 : null,
      present: view.present,
      over: view.over === "cells" ? null : view.over,
      rate: view.rate === meta.rates[0][0] ? null : view.rate,
      delta: view.delta === this.deltaOfCells() ? null : view.delta,
      panels: view.panels && view.panels.join(","),
      ...this.lesson.chosen(),
      class: null, // the tab knows it, and who copies a link invites nobody
      ...more,
    });
  }

  writeAddress() {
    if (this.state.written.went != null) return; // until its setting is here
    this.lesson.together.tell();
    if (!this.host.links || this.clock.playing) return;
    clearTimeout(this.resting);
    this.root.setAttribute("data-writing", "");
    this.resting = setTimeout(() => this.root.isConnected && this.put(), REST);
  }

  // Another setting is an entry of the browser's history.
  put() {
    const url = this.address();
    const setting = JSON.stringify(this.meta.query);
    const { written } = this.state;
    const step = written.setting && written.setting !== setting && !written.came;
    Object.assign(written, { setting, came: false });
    this.root.removeAttribute("data-writing");
    if (url.href === location.href) return;
    if (step) history.pushState(history.state, "", url);
    else history.replaceState(history.state, "", url);
  }

  /** @type {(more?: Object<string, string>) => Promise<void>} */
  async copy(more) {
    this.closeMenus();
    try {
      await navigator.clipboard.writeText(this.address(more).href);
      this.say({ kind: "info", text: "The link is copied." });
    } catch {
      this.say({ kind: "info", text: "The browser does not let the page copy; the link stands in the address bar." });
    }
  }

  // ── painting ────────────────────────────────────────────────────────────────────────────────────────────────────

  changed() {
    if (!this.state.run) return;
    this.writeAddress();
    this.soon();
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.state.run && this.root.isConnected) this.paint();
    });
  }

  /** @type {(t?: number) => object} */
  seen(t = this.clock.loop) {
    return {
      arrays: this.arrays,
      meta: this.meta,
      t,
      draft: this.state.hand,
      colours: this.colours,
      font: this.font,
      words: (text) => text,
      answer: this.answers.get(this.state.view.rate),
      ...this.state.view,
    };
  }

  paint() {
    const style = getComputedStyle(this.root);
    this.colours = readColours(style);
    this.font = style.fontFamily;
    this.zoom = parseFloat(style.fontSize) / 16;
    const seen = this.seen();
    this.clockBar.show(this.meta.loops);
    this.clockBar.spread();
    this.root.dataset.stage = stageOf(this.meta, this.clock.loop).stage + 1;
    for (const panel of this.panels) panel.tell(seen);
    for (const panel of this.panels) panel.measure();
    for (const panel of this.panels) panel.draw(seen, this.zoom, this.font);
    this.lesson.tell();
    this.root.dataset.loop = this.clock.loop;
    this.root.dataset.traces = this.state.run.traces;
  }

  // ── taking away ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(panel: object, kind: string) => Promise<void>} */
  save(panel, kind) {
    this.closeMenus();
    return saveTheory(this, panel, kind);
  }

  /** @type {(panel: object) => Promise<void>} */
  saveAnimation(panel) {
    this.closeMenus();
    return animateTheory(this, panel);
  }

  // What is on screen, as the title of a saved page and in the names of files.
  /** @type {{ title: string, file: string }} */
  get names() {
    return { title: "the theorem that runs", file: "theory" };
  }

  /** @type {() => Promise<void>} */
  exportView() {
    this.closeMenus();
    return this.host.exportTheory(this);
  }

  /** @type {() => Promise<void>} */
  savePage() {
    this.closeMenus();
    return this.host.savePage(this);
  }
}
