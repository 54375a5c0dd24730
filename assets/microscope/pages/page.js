// What all pages share. A page (sudoku.js, sequences.js) says what is typed and how it is drawn:
//
//     static          page, panels of a first visit, questions of the menu “Ask”, keys, shows: what the face can
// show, many
//     face            { title, help, drawing }: the panel on the left; faceRatio: its width over its height
//     inputs()        elements of the bar, where something is typed or chosen
//     geometryOf(meta, before)   where the positions of this message stand; the same object as before where nothing
// moved
//     arrived(…)      what the person's input holds now; kept(), recall(): of it, over a switch of pages
//     useExample(…)   an example was chosen; paste(text): a text was pasted
//     faceKey(event)  a key while the face has the focus; inputKey(event): and wherever else it is
//     describeFace(seen), drawFace(pen, seen, width, height), faceWords(seen), faceTable(view)

import { LoopClock } from "../core/clock.js";
import { button, h, options } from "../core/elements.js";
import { Link, linkTo } from "../core/links.js";
import { readMessage } from "../core/message.js";
import { State } from "../core/state.js";
import { View } from "../core/view.js";
import { told } from "../core/words.js";
import { readColours } from "../draw/colours.js";
import { PANELS } from "../panels/registry.js";
import { Answers } from "../ask/answers.js";
import { askedLoop, knownOf, questionOf } from "../ask/asking.js";
import { Bar } from "./bar.js";
import { ClockBar } from "./clockbar.js";
import { openDialog, openKeys } from "./dialog.js";
import { Face } from "./face.js";
import { Figure } from "./figure.js";
import { heading } from "./heading.js";
import { pageKey } from "./keys.js";
import { Resending, reachable } from "./resending.js";
import { Stage } from "./stage.js";
import { saveFigure } from "./taking.js";
import { badgeWords, holdWords, markList, verdictWords } from "./telling.js";

const remembered = {}; // by page; survives a switch to another page and back
const REST = 200; // milliseconds after which the address follows
const FADE = 125; // milliseconds in which changed answers come up
const LARGE = 1.45; // how much larger the drawings of a presented panel are

export class Page {
  /**
   * @param {Element} parent
   * @param {import("../core/types.js").Host} host what the page can ask of the world around it
   * @param {Object<string, string>} terms what the task of the first message calls its places, tokens and inputs
   */
  constructor(parent, host, terms) {
    this.about = this.constructor; // of the page
    this.host = host;
    this.terms = terms;
    this.all = PANELS.filter((panel) => !panel.page || panel.page === this.about.page);
    this.store = this.about.page === "sudoku" ? "loopscope.panels" : `loopscope.panels.${this.about.page}`;
    const withModes = this.all.filter((panel) => panel.modes && this.modesOf(panel).length);
    const first = withModes.map((panel) => [panel.name, this.modesOf(panel)[0][0]]);
    this.state = new State(this.about.panels, Object.fromEntries(first));
    this.clock = new LoopClock(() => this.changed());
    this.answers = new Answers(host.ask, () => this.changed(false));
    this.faces = [];
    const waiting = () => this.busy && this.root.isConnected;
    this.resending = new Resending({ waiting, again: () => this.sendAsked(), alive: reachable });
    this.build(parent);
    this.listen();
  }

  // A text with {place}, {token} and the like, in the terms of the task.
  words(text) {
    return told(text, this.terms);
  }

  inputKey() {}

  // The modes of a panel on this page. A saved page has no server to compute what was not asked before.
  modesOf(panel) {
    const here = panel.modes.filter(([, , page]) => !page || page === this.about.page);
    return here.filter(([mode]) => this.answerable(panel, mode));
  }

  // Whether a panel can show something in a mode: it draws without an answer, or there is a server to ask, or an
  // answer was saved.
  answerable(panel, mode) {
    if (this.host.ask) return true;
    if (panel.build) return false;
    const blank = typeof panel.blank === "function" ? panel.blank(mode) : panel.blank;
    if (!blank) return true;
    const { name } = questionOf(panel, mode);
    return (this.host.answers ?? []).some(([key]) => key.startsWith(`${name}|`));
  }

  get remembered() {
    return remembered[this.about.page] ?? {};
  }

  // A panel's name as people read it; the face is the board only where there is one.
  called(name) {
    return name === "board" ? this.face.title.toLowerCase() : name;
  }

  // ── the page's elements, made once ──────────────────────────────────────────────────────────────────────────────

  build(parent) {
    this.bar = new Bar(this);
    const inputs = this.inputs();
    this.message = h("div", { class: "ls-message", role: "status", "aria-live": "polite", "data-testid": "message" });
    this.clockBar = new ClockBar(this.clock);
    this.stage = new Stage(this);
    this.figures = Object.fromEntries(this.all.map((panel) => [panel.name, new Figure(panel, this)]));
    this.side = h("div", { class: "ls-side" });
    this.badge = h("p", { class: "ls-badge", "data-testid": "truth-badge" });
    this.root = h(
      "div",
      { class: "ls", "data-testid": "microscope" },
      this.bar.build(inputs),
      this.message,
      this.stage.root,
      h("div", { class: "ls-main" }, this.buildFacePanel(inputs.below ?? []), this.side),
      this.clockBar.root,
      this.unhideButton(),
      this.badge,
    );
    this.root.classList.toggle("ls-saved", !this.host.ask);
    parent.append(this.root);
  }

  buildFacePanel(below) {
    const { face } = this;
    const label = `Show on the ${face.title.toLowerCase()}`;
    const onchange = () => {
      this.state.look.show = this.showSelect.value;
      this.changed();
    };
    this.showSelect = h("select", { class: "ls-heads", "aria-label": label, onchange });
    this.facesHere = h("div", { class: "ls-boards" });
    this.verdict = h("p", { class: "ls-verdict", "data-testid": "verdict", hidden: true });
    this.hold = h("p", { class: "ls-hold", "data-testid": "hold" });
    this.facePanel = h(
      "section",
      { class: "ls-panel ls-board", "data-panel": "board", "aria-label": face.title },
      heading(this, "board", face),
      h("div", { class: "ls-picks" }, this.showSelect),
      this.facesHere,
      ...below,
      this.verdict,
      this.hold,
    );
    return this.facePanel;
  }

  unhideButton() {
    const onclick = () => {
      this.state.layout.hidden = false;
      this.changed();
    };
    return h("button", { type: "button", class: "ls-unhide", onclick }, "Show the controls");
  }

  listen() {
    this.resizer = new ResizeObserver(() => this.repaint());
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.touch = matchMedia("(pointer: coarse)");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const clipboard = (event) => this.clipboard(event);
    this.listeners = [
      [document, "keydown", (event) => pageKey(this, event)],
      [document, "copy", clipboard],
      [document, "paste", clipboard],
      [document, "pointerdown", (event) => this.closeMenus((open) => !open.contains(event.composedPath()[0]))],
      [dark, "change", () => this.repaint()],
    ];
  }

  attach() {
    for (const [target, name, listener] of this.listeners) target.addEventListener(name, listener);
    this.resizer.observe(this.root);
  }

  detach() {
    remembered[this.about.page] = {
      ...this.state.kept(),
      loop: this.clock.loop,
      range: this.clock.range,
      answers: this.answers.known,
      typed: this.state.typed,
    };
    this.clock.pause();
    for (const [target, name, listener] of this.listeners) target.removeEventListener(name, listener);
    this.resizer.disconnect();
  }

  // Menus and notes that are open and of which `which` is true.
  closeMenus(which = () => true) {
    for (const open of this.root.querySelectorAll("details[open]")) if (which(open)) open.open = false;
  }

  // ── a trace arrives ─────────────────────────────────────────────────────────────────────────────────────────────

  receive(bytes) {
    const { state, clock } = this;
    if (bytes === state.run.bytes) return;
    const first = !state.run.meta;
    const { meta, runs } = readMessage(bytes);
    // What was wrong before a switch of pages can still be mended.
    if (first && meta.message?.kind === "error") meta.entry ??= this.remembered.typed?.entry;
    const current = first || meta.request >= state.typed.request;
    const wasAtEnd = clock.loop === clock.loops;
    const longer = this.take(meta, runs, bytes);
    if (first) this.begin();
    else if (wasAtEnd && longer) clock.loop = clock.loops;
    state.fit();
    if (current) this.answered(meta, first);
    this.layOut();
    this.fillControls(current);
    this.changed();
    state.run.traces++;
  }

  // The runs of a message. Returns whether they have another number of loops than before.
  take(meta, runs, bytes) {
    const { state, clock } = this;
    const before = { geometry: state.run.geometry, loops: clock.loops };
    const geometry = this.geometryOf(meta, before.geometry);
    this.terms = meta.terms;
    const letters = meta.runs.length > 1 ? "AB" : "";
    const views = meta.runs.map((run, i) => new View(geometry, run, runs[i], letters[i] ?? ""));
    state.setRun({ meta, views, geometry, bytes });
    this.resized = geometry !== before.geometry;
    if (this.resized) this.resize();
    clock.setLoops(Math.max(...views.map((view) => view.loops)));
    return clock.loops !== before.loops;
  }

  // The message answers the last request: what is typed and what is said are up to date.
  answered(meta, first) {
    this.arrived(meta, first, this.resized);
    const { linkTrouble } = this;
    const message = this.host.ask ? meta.message : null; // a saved page shows a run, whatever was said of the request
    if (!first || !linkTrouble) this.say(message);
    else if (message && message.kind !== "info") this.say({ ...message, text: `${message.text} ${linkTrouble.text}` });
    this.root.removeAttribute("data-busy");
  }

  // What the address bar, an earlier visit to this page or the browser's memory say of the view.
  begin() {
    const link = new Link(location.search || this.host.query || "");
    const before = this.remembered;
    this.state.typed.request = this.state.run.meta.request;
    this.beginAt(link, before);
    this.beginLook(link, before);
    if (before.answers) this.answers.known = before.answers;
    if (this.host.answers) this.answers.add(this.host.answers);
    if (before.typed && before.typed.entry === this.arriving()) this.recall(before.typed);
    const range = link.range(this.clock.loops);
    if (range) this.clock.setRange(range);
    else if (!link.has("range")) this.clock.range = before.range ?? null;
    this.beginPanels(link, before);
    this.warn(link.trouble);
  }

  arriving() {
    const { meta } = this.state.run;
    return meta.entry ?? meta.puzzle;
  }

  beginAt(link, before) {
    const { state, clock } = this;
    const { geometry } = state.run;
    const last = geometry.n - 1;
    clock.loop = link.whole("loop", clock.loops) ?? Math.min(before.loop ?? clock.loops, clock.loops);
    const cell = link.whole("cell", last) ?? Math.min(before.cell ?? Math.max(0, this.firstCell()), last);
    const drawn = !!geometry.spot(cell); // padding is not
    if (!drawn) link.trouble.push(`{place} ${cell}`);
    state.choose(drawn ? cell : this.firstCell());
    state.choice.held = link.has("cell") || before.held || false;
  }

  beginLook(link, before) {
    const { look, layout, run } = this.state;
    const old = before.look ?? {};
    const names = ["board", ...this.all.map((panel) => panel.name)];
    const shows = this.about.shows.map(([name]) => name);
    look.head = link.whole("head", run.meta.runs[0].heads - 1) ?? old.head ?? null;
    look.layer = old.layer ?? 0;
    look.show = link.one("show", shows, `${this.words("{a input}")} that shows`) ?? old.show ?? "answer";
    look.camera = old.camera ?? look.camera;
    layout.presenting = link.one("present", names, "a panel called");
    layout.hidden = link.has("hide") ? link.query.get("hide") === "1" : (before.hidden ?? false);
    const withModes = this.all.filter((panel) => panel.modes);
    const allowed = Object.fromEntries(
      withModes.map((panel) => [panel.name, this.modesOf(panel).map(([name]) => name)]),
    );
    Object.assign(look.modes, old.modes, link.modes(allowed));
  }

  beginPanels(link, before) {
    const known = this.all.map((panel) => panel.name);
    const stored = this.storage((memory) => memory.getItem(this.store))?.split(",");
    const asked = link.panels(known) ?? before.panels ?? stored ?? this.about.panels;
    const found = [...new Set(asked.filter((name) => known.includes(name)))];
    this.state.layout.panels = asked.filter(Boolean).length && !found.length ? this.about.panels : found;
  }

  warn(trouble) {
    const asks = `This link asks for ${trouble.join(", ")}, which this view does not have; the usual is shown instead.`;
    this.linkTrouble = trouble.length ? { kind: "warning", text: this.words(asks) } : null;
    if (this.linkTrouble) this.say(this.linkTrouble);
  }

  // Something of another shape is drawn.
  resize() {
    const { geometry } = this.state.run;
    this.state.choose(this.state.choice.cell);
    this.faces.forEach((face) => face.build(geometry));
  }

  // As many faces and parts of panels as runs; the panels that were chosen, in their order.
  layOut() {
    const { views, geometry } = this.state.run;
    while (this.faces.length < views.length) {
      const face = new Face(this);
      face.build(geometry);
      this.faces.push(face);
    }
    this.faces.length = views.length;
    const roots = this.faces.map((face) => face.root);
    const there = [...this.facesHere.children];
    if (roots.length !== there.length || roots.some((root, i) => there[i] !== root))
      this.facesHere.replaceChildren(...roots);
    this.faces.forEach((face, i) => {
      face.title.textContent = views[i].letter ? views[i].label : "";
    });
    this.root.classList.toggle("ls-comparing", views.length > 1);
    for (const figure of Object.values(this.figures)) figure.layOut(views);
    this.bar.fillQuestions();
    const { layout } = this.state;
    if (layout.presenting && !this.here(layout.presenting)) layout.presenting = "board";
    this.arrange(layout.panels, false);
  }

  fillControls(current) {
    const { meta, views } = this.state.run;
    const shows = this.about.shows.filter(([name]) => name !== "versus" || views.length > 1);
    this.bar.fill(current);
    for (const figure of Object.values(this.figures)) figure.fillLists(meta.runs[0]);
    options(this.showSelect, shows, this.state.look.show);
    this.mark();
    const { text, title, faithful } = badgeWords(this.state.run, this.clock.loops);
    this.badge.classList.toggle("ls-drift", !faithful);
    this.badge.textContent = text;
    this.badge.title = title;
  }

  // Marks on the clock's track: of both runs when two are compared, and of the chosen cell.
  mark() {
    this.clockBar.setMarks(markList(this.state, this.clock.loops, (text) => this.words(text)));
    this.marked = this.state.active;
  }

  say(message) {
    const hand = this.message.contains(document.activeElement); // on the button that goes
    const close = button("✕", "Close this message", () => this.say(null));
    this.message.replaceChildren(...(message ? [message.text, ...(message.more ?? []), close] : []));
    this.message.className = `ls-message ${message ? `ls-${message.kind}` : ""}`;
    if (hand) this.clockBar.playButton.focus({ preventScroll: true });
  }

  // ── the panels ──────────────────────────────────────────────────────────────────────────────────────────────────

  // Whether there is a panel of that name for what is shown, be it to say why it is empty.
  here(name) {
    return name === "board" || this.served(name) || this.lacking(name);
  }

  // Whether the model of a run cannot have what a panel draws; the message says why.
  lacking(name) {
    const { needs } = this.figures[name].panel;
    return this.state.run.views.some((view) => view.meta.missing?.[needs]);
  }

  served(name) {
    const { panel } = this.figures[name];
    const needed = this.state.run.views.some((view) => view.arrays[panel.needs]);
    return needed && (panel.modes ? this.modesOf(panel).length > 0 : this.answerable(panel));
  }

  // Show these panels in this order, and remember it.
  arrange(panels, remember = true) {
    this.state.layout.panels = panels;
    if (remember) this.storage((memory) => memory.setItem(this.store, panels.join(",")));
    const roots = panels.filter((name) => this.here(name)).map((name) => this.figures[name].root);
    this.place(roots);
    this.side.dataset.count = roots.length;
    this.bar.fillPanels();
    this.changed();
  }

  // A presented panel is shown even if it is not among the chosen ones. The focus stays as near as can be to where it
  // was.
  place(roots) {
    const { presenting, panels } = this.state.layout;
    const extra = presenting && presenting !== "board" && !panels.includes(presenting);
    const hand = document.activeElement;
    const at = [...this.side.children].findIndex((root) => root.contains(hand));
    this.side.replaceChildren(...roots, ...(extra ? [this.figures[presenting].root] : []));
    if (at < 0) return;
    const near = this.side.children[Math.min(at, roots.length - 1)]?.querySelector(".ls-menu > summary");
    const heir = this.side.contains(hand) ? hand : (near ?? this.bar.panelList.previousSibling);
    heir.focus({ preventScroll: true });
  }

  arrangeAsAtFirst() {
    this.arrange(this.about.panels);
    this.storage((memory) => memory.removeItem(this.store));
  }

  // A saved page that is opened as a file may have no memory.
  storage(use) {
    return this.host.memory ? use(this.host.memory) : null;
  }

  move(name, by) {
    const panels = [...this.state.layout.panels];
    const at = panels.indexOf(name);
    const to = at + by;
    if (to < 0 || to >= panels.length) return;
    [panels[at], panels[to]] = [panels[to], panels[at]];
    this.arrange(panels);
  }

  present(name) {
    this.stage.present(name);
  }

  // Somebody wants to know: the panel comes first and into view.
  showQuestion(name) {
    const { layout } = this.state;
    this.closeMenus();
    this.arrange([name, ...layout.panels.filter((one) => one !== name)]);
    if (layout.presenting) {
      this.present(name);
      return;
    }
    const { root } = this.figures[name];
    requestAnimationFrame(() => {
      const field = root.querySelector(".ls-ask:not([hidden]) button:not([hidden]), .ls-form select");
      root.scrollIntoView({ block: "nearest", behavior: this.still.matches ? "auto" : "smooth" });
      (field ?? root.querySelector("summary")).focus({ preventScroll: true });
    });
  }

  // What a panel that is a form may know and do.
  formHost() {
    return {
      seen: () => this.seen(0),
      words: (text) => this.words(text),
      settable: () => this.settable(),
      donors: () => this.donors(),
      compare: (versus) => this.ask({ versus }),
      say: (message) => this.say(message),
      verdict: () => this.verdict.textContent,
    };
  }

  // ── choosing ────────────────────────────────────────────────────────────────────────────────────────────────────

  select(cell, how = "only") {
    this.state.select(cell, how);
    this.changed();
  }

  preview(cell) {
    if (this.state.preview(cell)) this.changed(false);
  }

  release() {
    this.state.release();
    this.changed();
  }

  // Esc on the face: lets go of what is held, then leaves the face. False where something else is open.
  leave() {
    if (this.root.querySelector("details[open]") || this.state.layout.presenting) return false;
    if (this.state.choice.held) this.release();
    else this.clockBar.playButton.focus();
    return true;
  }

  focusFace(event) {
    (this.faces.find((face) => face.grid === event.currentTarget) ?? this.faces[0]).focus();
  }

  // ── asking the server ───────────────────────────────────────────────────────────────────────────────────────────

  clipboard(event) {
    const target = event.composedPath()[0];
    const marked = event.type === "copy" && !getSelection().isCollapsed;
    if (this.dialog?.open || target.closest?.("input, select, textarea") || marked) return;
    event.preventDefault();
    if (event.type === "copy") event.clipboardData.setData("text/plain", this.state.typed.entry);
    else this.paste(event.clipboardData.getData("text/plain"));
  }

  ask(change) {
    const { typed } = this.state;
    clearTimeout(this.typing);
    if (this.refused()) return;
    this.asked = { puzzle: typed.entry, ...this.bar.request, ...change };
    this.root.setAttribute("data-busy", "");
    this.sendAsked();
    this.resending.begin();
  }

  sendAsked() {
    const number = ++this.state.typed.request;
    this.host.send({ ...this.asked, number });
  }

  // A saved page shows one run; says so where something else is asked for.
  refused() {
    if (this.host.send) return false;
    this.say({ kind: "info", text: "This page is saved: it shows one run. Another input or model needs the app." });
    return true;
  }

  saveAnimation(name) {
    this.closeMenus();
    return this.host.saveAnimation(this, name);
  }

  // A saved page does not hold Plotly, which is larger than all else in it.
  openSpace() {
    if (this.host.openSpace) return this.host.openSpace(this);
    this.say({ kind: "info", text: "This page is saved: the large figure in space needs the app." });
  }

  get busy() {
    return this.root.hasAttribute("data-busy");
  }

  openDialog(title, ...content) {
    return openDialog(this, title, ...content);
  }

  openKeys() {
    openKeys(this);
  }

  // ── questions ───────────────────────────────────────────────────────────────────────────────────────────────────

  // What is known of a panel's question about run i; null where it asks nothing.
  known(panel, i) {
    const { run, choice, look } = this.state;
    const question = questionOf(panel, look.modes[panel.name]);
    if (!question) return null;
    const about = { puzzle: run.puzzle, cell: choice.cell, t: this.clock.loop };
    return { question, ...knownOf(this.answers, question, run.views[i], about) };
  }

  askQuestion(panel, i) {
    const { question, key } = this.known(panel, i);
    const { run, choice } = this.state;
    const view = run.views[i];
    const about = { cell: choice.cell, loop: askedLoop(view, this.clock.loop) };
    const query = this.address().searchParams;
    const values = {
      question: question.name,
      checkpoint: view.meta.name,
      puzzle: run.puzzle,
      loops: view.loops,
      ...about,
    };
    for (const [name, value] of Object.entries(values)) query.set(name, value);
    query.delete("versus");
    this.answers.ask(key, query, about);
  }

  tellQuestion(panel, i, row) {
    const known = this.known(panel, i);
    row.root.hidden = !known || !this.host.ask;
    if (row.root.hidden) return;
    const { question, own, shown } = known;
    const { run, choice, typed } = this.state;
    const waiting = this.busy || typed.entry !== run.puzzle;
    if (question.auto && !own && !waiting) this.askQuestion(panel, i);
    const where = question.loop ? `, loop ${shown?.loop}` : "";
    const stale = !own && shown ? `Shown: ${run.geometry.name(shown.cell)}${where}.` : null;
    const given = question.free && !own && !run.views[i].asked[choice.cell];
    const never = given ? this.words("The chosen {place} is given: nothing is asked of it. Choose {a asked}.") : null;
    row.update(this.words(question.words ?? "Compute"), own ?? shown, stale, never);
    if (question.auto && !own?.error) row.root.hidden = true;
  }

  // ── figures and views to take away ──────────────────────────────────────────────────────────────────────────────

  save(name, kind) {
    this.closeMenus((open) => (name === "board" ? this.facePanel : this.figures[name].root).contains(open));
    return saveFigure(this, name, kind);
  }

  exportView() {
    return this.host.exportView(this);
  }

  savePage() {
    return this.host.savePage(this);
  }

  // ── the address bar is the state ────────────────────────────────────────────────────────────────────────────────

  address(more = {}) {
    const { run, choice, look, layout, typed } = this.state;
    const { clock } = this;
    const changed = this.all.filter((panel) => panel.modes && look.modes[panel.name] !== this.modesOf(panel)[0]?.[0]);
    return linkTo(location.href, {
      puzzle: typed.entry,
      checkpoint: run.meta.runs[0].name,
      versus: run.meta.versus || null,
      loops: run.meta.loops,
      loop: clock.loop,
      cell: choice.cell,
      head: look.head,
      modes: changed.map((panel) => `${panel.name}-${look.modes[panel.name]}`).join(",") || null,
      show: look.show === "answer" ? null : look.show,
      range: clock.range && clock.range.join("-"),
      panels: this.usual() ? null : layout.panels.join(","),
      present: layout.presenting,
      hide: layout.hidden ? 1 : null,
      ...more,
    });
  }

  // Whether the panels are those of a first visit, for everybody who opens the link in this browser, too.
  usual() {
    const first = this.about.panels.join(",");
    const stored = this.storage((memory) => memory.getItem(this.store)) ?? first;
    return stored === first && this.state.layout.panels.join(",") === first;
  }

  // Browsers allow few writes of the address in a short time, so it follows when the clock rests.
  writeAddress() {
    clearTimeout(this.addressing);
    this.addressing = setTimeout(() => {
      if (this.clock.playing || !this.root.isConnected) return;
      const url = this.address();
      if (this.host.links && url.href !== location.href) history.replaceState(history.state, "", url);
      if (this.bar.exportLink) this.bar.exportLink.href = `export?${url.searchParams}`;
    }, REST);
  }

  async copyLink(more = {}) {
    const link = this.address(more).href;
    if (!Object.keys(more).length) history.replaceState(history.state, "", link);
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      this.showLink(link); // pages of most servers without https may not write to the clipboard
      return;
    }
    this.bar.copyButton.textContent = "Copied";
    this.say({ kind: "info", text: "The link is copied." });
    setTimeout(() => {
      this.bar.copyButton.textContent = "Copy link";
    }, 1500);
  }

  showLink(link) {
    const field = h("textarea", { rows: 4, readonly: true, spellcheck: "false", "aria-label": "Link" });
    const close = h("button", { type: "button", class: "ls-primary", onclick: () => this.dialog.close() }, "Close");
    field.value = link;
    this.openDialog("Copy this link: the browser does not let the page do it", field, close);
    field.select();
  }

  // ── painting ────────────────────────────────────────────────────────────────────────────────────────────────────

  // Something has changed: paint with the next frame. address: it shows in the address bar.
  changed(address = true) {
    if (!this.state.run.meta) return;
    if (address) this.writeAddress();
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  repaint() {
    if (!this.state.run.meta) return;
    this.clockBar.spread();
    this.changed(false);
  }

  // How large the panels' drawings are: from the last row their small words must be read, too.
  get scale() {
    return this.zoom * (this.state.layout.presenting ? LARGE : 1);
  }

  /**
   * What a panel is told of run i.
   * @returns {import("../core/types.js").Seen}
   */
  seen(i, panel) {
    const { run, choice, look, typed } = this.state;
    const { meta, views, geometry, puzzle, solution, judged } = run;
    const mode = panel && look.modes[panel.name];
    const answer = panel?.asks ? this.known(panel, i)?.shown : null;
    return {
      view: views[i],
      views,
      t: this.clock.loop,
      active: this.state.active,
      chosen: choice.cell,
      hover: choice.hover,
      selected: choice.selected,
      head: look.head,
      layer: Math.min(look.layer, views[i].meta.layers - 1),
      mode,
      asked: answer?.arrays ? answer : null,
      geometry,
      meta,
      solution,
      judged,
      colours: this.colours,
      font: this.font,
      show: look.show,
      fade: 1,
      camera: look.camera,
      words: (text) => this.words(text),
      live: !!this.host.ask, // there is a server to ask
      puzzle,
      entry: typed.entry,
      corner: typed.corner,
      centre: typed.centre,
    };
  }

  // All elements change first, then all sizes are read, then everything is drawn: no figure is drawn at a size that
  // it loses.
  paint() {
    this.readStyle();
    const figures = this.tell();
    const faces = this.facePanel.hidden ? [] : this.faces;
    for (const part of [...faces, ...figures]) part.measure();
    faces.forEach((face, i) => face.draw(this.seen(i), this.zoom));
    for (const figure of figures) figure.draw(this.scale, this.font);
    this.fade();
    this.stage.keepFocus();
    this.root.dataset.traces = this.state.run.traces; // tests and benchmarks wait for it
  }

  readStyle() {
    const style = getComputedStyle(this.root);
    this.colours = readColours(style);
    this.font = style.fontFamily;
    this.zoom = parseFloat(style.fontSize) / 16;
  }

  // The elements and words of everything that is visible. Returns the figures to draw.
  tell() {
    const { views } = this.state.run;
    this.stage.tell();
    this.clockBar.show(Math.max(...views.map((view) => view.meta.trained_loops)));
    if (this.marked !== this.state.active) this.mark();
    this.tellFace();
    const shown = [...this.side.children]
      .map((root) => this.figures[root.dataset.panel])
      .filter((figure) => this.tellFigure(figure));
    this.verdict.hidden = views.length < 2;
    this.verdict.textContent = views.length < 2 ? "" : this.words(verdictWords(views, this.clock));
    for (const figure of shown) figure.form?.update(); // says the verdict again
    this.hold.textContent = holdWords(this.state, this.touch.matches, (text) => this.words(text));
    return shown;
  }

  tellFace() {
    this.facePanel.hidden = !this.stage.shows("board");
    this.facePanel.dataset.loop = this.clock.loop;
    if (!this.facePanel.hidden) this.faces.forEach((face, i) => face.tell(this.seen(i)));
  }

  tellFigure(figure) {
    figure.root.hidden = !this.stage.shows(figure.panel.name);
    figure.root.dataset.loop = this.clock.loop;
    if (!figure.root.hidden) figure.tell();
    return !figure.root.hidden;
  }

  // After a single step, answers that changed in this loop come up softly: the same picture, its new digits from
  // faint to full.
  fade() {
    const { loop, speed } = this.clock;
    const step = Math.abs(loop - this.painted) === 1;
    this.painted = loop;
    if (!step || speed > 6 || this.still.matches) return;
    const begun = performance.now();
    cancelAnimationFrame(this.fading);
    this.root.dataset.fading = "";
    const next = (now) => {
      const share = Math.min(1, (now - begun) / FADE);
      const on = this.clock.loop === loop;
      if (on && !this.facePanel.hidden) this.drawFaded(0.25 + 0.75 * share);
      if (on && share < 1) this.fading = requestAnimationFrame(next);
      else delete this.root.dataset.fading;
    };
    next(begun);
  }

  drawFaded(fade) {
    this.faces.forEach((face, i) => {
      face.measure();
      face.draw({ ...this.seen(i), fade }, this.zoom);
    });
  }
}
