// What all pages share. What a page says of its own is PageParts in core/types.js; its static fields name the panels of
// a first visit, its questions, its keys and what its face can show.
//
// What it is made of: requests.js asks the server, address.js keeps the link, panels.js the panels, asked.js their
// questions, painter.js paints.

import { LoopClock } from "../core/clock.js";
import { button, h } from "../core/elements.js";
import { opensWith, viewIn, whereKept } from "../core/links.js";
import { readMessage } from "../core/message.js";
import { State } from "../core/state.js";
import { View } from "../core/view.js";
import { passesOf, told } from "../core/words.js";
import { Answers } from "../ask/answers.js";
import { Address } from "./address.js";
import { askQuestion, tellQuestion } from "./asked.js";
import { Bar } from "./bar.js";
import { ClockBar } from "./clockbar.js";
import { openDialog, openKeys, settleText } from "./dialog.js";
import { FacePanel } from "./facepanel.js";
import { closeDetails, pageClipboard, pageKey } from "./keys.js";
import { Lesson } from "./lesson.js";
import { Ground } from "./lessonground.js";
import { Painter } from "./painter.js";
import { Panels } from "./panels.js";
import { Requests } from "./requests.js";
import { ServerWatch } from "./serverwatch.js";
import { Stage } from "./stage.js";
import { fileWords, saveFigure } from "./taking.js";
import { markList } from "./telling.js";
import { Truth } from "./truth.js";

/** @typedef {import("../core/types.js").Panel} Panel */
/** @typedef {import("../core/types.js").Seen} Seen */
/** @typedef {{ kind: string, text: string, more?: Element[], near?: boolean, stays?: boolean }} Said a message to the
 *   person; near: it answers what was pressed at a panel, and stays in view beside it; stays: on the page of the theory
 *   a run that arrives behind it leaves it, until something else is said */

const remembered = {}; // by page; survives a switch to another page and back

/** A page with a microscope; a subclass has the members of PageParts, too. */
export class Page {
  /**
   * @param {Element} parent
   * @param {import("../core/types.js").Host} host what the page can ask of the world around it
   * @param {{ terms: Object<string, string>, offers: string[] }} meta of the first message: what its task calls places,
   *   tokens and inputs, and what only some tasks offer
   */
  constructor(parent, host, meta) {
    this.spec = this.constructor; // what the class says of its page
    this.host = host;
    this.state = new State(this.spec.panels, meta);
    this.panels = new Panels(this);
    this.all = this.panels.all;
    this.state.look.modes = this.panels.firstModes();
    this.clock = new LoopClock(() => this.changed());
    this.answers = new Answers(host.ask, () => this.told());
    this.requests = new Requests(this);
    this.link = new Address(this);
    this.painter = new Painter(this);
    this.lesson = new Lesson(this, new Ground(this));
    this.build(parent);
    this.listen();
  }

  // A text with {place}, {token} and the like, in the terms of the task.
  /** @type {(text: string) => string} */
  words(text) {
    return told(text, this.state.run.terms);
  }

  // The same of one run, whose passes have a name of their own.
  /** @type {(view: View, text: string) => string} */
  wordsOf(view, text) {
    return told(text, { ...this.state.run.terms, ...passesOf(view) });
  }

  /** @type {(event: KeyboardEvent) => void} a key wherever else than on the face the focus is */
  inputKey() {}

  // What only this page lets a person choose, for its links (name → value, null for the usual), and what a link or an
  // earlier visit says of it.
  /** @type {() => Object<string, string|null>} */
  chosen() {
    return {};
  }

  /** @type {(link: import("../core/links.js").Link, before: object) => void} */
  beginChosen() {}

  // The same for its panels and its face: entries of what they are told.
  /** @type {() => object} */
  more() {
    return {};
  }

  // Where the cells of a face lie over what was drawn, on a page whose cells do not lie in rows.
  /** @type {(face: import("./face.js").Face, seen: Seen, width: number, height: number) => void} */
  placeCells() {}

  // What is typed, as the server reads it.
  /** @type {() => string} */
  typedText() {
    return this.state.typed.entry;
  }

  // The face draws what is typed (the static field drawsTyped), and nobody knows its answers.
  /** @returns {boolean} */
  get astray() {
    return !!this.spec.drawsTyped && this.state.astray;
  }

  // Which positions of it a person entered, as links have it; null where nothing tells them from the rest.
  /** @type {() => string|null} */
  entered() {
    return null;
  }

  // The text for the server of what a link says.
  /** @type {(puzzle: string, entered: string) => string} */
  textOf(puzzle) {
    return puzzle;
  }

  /** @type {object} */
  get remembered() {
    return (this.host.inside ? null : remembered[this.spec.page]) ?? {}; // a cell of a notebook is as its code says
  }

  // ── the page's elements, made once ──────────────────────────────────────────────────────────────────────────────

  /** @type {(parent: Element) => void} */
  build(parent) {
    this.bar = new Bar(this);
    const inputs = this.inputs();
    this.message = h("div", { class: "ls-message", role: "status", "aria-live": "polite", "data-testid": "message" });
    this.clockBar = new ClockBar(this.clock);
    this.stage = new Stage(this);
    this.panels.build();
    this.facePanel = new FacePanel(this, inputs.below ?? []);
    this.truth = new Truth(this);
    this.root = h(
      "div",
      { class: "ls", "data-testid": "microscope" },
      this.bar.build(inputs),
      this.message,
      this.lesson.together.bar.root,
      this.stage.root,
      h("div", { class: "ls-main" }, this.lesson.column.root, this.facePanel.root, this.side),
      this.clockBar.root,
      this.unhideButton(),
      this.truth.root,
    );
    this.root.classList.toggle("ls-saved", !this.host.ask);
    if (this.host.inside) this.takeKeys();
    parent.append(this.root);
  }

  // In a notebook: keys are the microscope's where the focus is in it, as after a click; there JupyterLab lets them be.
  takeKeys() {
    this.root.tabIndex = -1;
    this.root.dataset.lmSuppressShortcuts = "true";
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
    this.fitter = new ResizeObserver(() => this.painter.fit());
    this.watch = new ServerWatch(this);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const clipboard = (event) => pageClipboard(this, event);
    // Whether a hand points or presses keys: a cell shows the frame of the focus to keys alone.
    const points = (is) => () => this.root.classList.toggle("ls-pointing", is);
    const own = this.host.inside ? this.root : document; // keys and the clipboard elsewhere are not this page's
    this.listeners = [
      [document, "pointerdown", points(true), { capture: true }],
      [document, "keydown", points(false), { capture: true }],
      [own, "keydown", (event) => pageKey(this, event)],
      [own, "copy", clipboard],
      [own, "paste", clipboard],
      [document, "pointerdown", (event) => this.closeMenus((open) => !open.contains(event.composedPath()[0]))],
      [dark, "change", () => this.repaint()],
      [window, "popstate", (event) => this.link.went(event), { capture: true }],
    ];
  }

  attach() {
    for (const [target, ...listener] of this.listeners) target.addEventListener(...listener);
    this.resizer.observe(this.root);
    this.watch.attach();
  }

  detach() {
    remembered[this.spec.page] = {
      ...this.state.kept(),
      loop: this.clock.loop,
      range: this.clock.range,
      answers: this.answers.known,
      typed: this.state.typed,
      text: this.typedText(),
    };
    this.clock.pause();
    this.lesson.together.detach();
    for (const [target, ...listener] of this.listeners) target.removeEventListener(...listener);
    this.resizer.disconnect();
    this.fitter.disconnect();
    this.watch.detach();
  }

  // Menus and notes that are open and of which `which` is true.
  /** @type {(which?: (open: Element) => boolean) => void} */
  closeMenus(which = () => true) {
    for (const open of this.root.querySelectorAll("details[open]")) if (which(open)) closeDetails(open);
  }

  // ── a trace arrives ─────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(bytes: Uint8Array) => void} */
  receive(bytes) {
    const { state, clock } = this;
    if (bytes === state.run.bytes) return;
    const first = !state.run.meta;
    const { meta, runs } = readMessage(bytes);
    // What was wrong before a switch of pages can still be mended.
    if (first && meta.message?.kind === "error") meta.entry ??= this.remembered.text;
    const current = first || this.requests.answers(meta.request);
    // Where nothing was typed since, the board on screen stays whole until the last request is answered.
    if (!current && state.typed.entry === state.run.puzzle) return;
    const wasAtEnd = clock.loop === clock.loops;
    const called = state.run.terms.loop;
    const longer = this.take(meta, runs, bytes);
    if (state.run.terms.loop !== called) this.retell();
    if (first) this.link.begin();
    else if (wasAtEnd && longer) clock.loop = clock.loops;
    state.fit();
    if (current) this.answered(meta, first);
    this.layOut();
    this.fillControls(current);
    this.changed();
    state.run.traces++;
    if (first) this.lesson.begin(new URLSearchParams(opensWith(this.host)));
  }

  // The runs of a message. Returns whether they have another number of loops than before.
  take(meta, runs, bytes) {
    const { state, clock } = this;
    const before = { geometry: state.run.geometry, loops: clock.loops };
    const geometry = this.geometryOf(meta, before.geometry);
    const letters = meta.runs.length > 1 ? "AB" : "";
    const views = meta.runs.map((run, i) => new View(geometry, run, runs[i], letters[i] ?? ""));
    state.setRun({ meta, views, geometry, bytes });
    const resized = geometry !== before.geometry;
    state.draft.resized ||= resized; // until the last request is answered
    if (resized) this.resize(before.geometry);
    this.clockBar.runs = views;
    clock.setLoops(Math.max(...views.map((view) => view.loops)));
    return clock.loops !== before.loops;
  }

  // The passes of what is shown are called otherwise than before: loops or layers.
  retell() {
    this.clockBar.call(this.state.run.terms);
    this.bar.retell();
    this.facePanel.retell();
    for (const figure of Object.values(this.figures)) figure.retell();
  }

  // The message answers the last request: what is typed and what is said are up to date.
  /** @type {(meta: object, first: boolean) => void} */
  answered(meta, first) {
    const { draft, travel } = this.state;
    this.arrived(meta, first);
    this.state.run.refused = this.state.typed.entry !== meta.puzzle;
    if (!first && (draft.fresh || draft.resized)) this.chooseAsked();
    draft.fresh = draft.resized = false;
    const { trouble } = travel;
    const message = this.host.ask ? meta.message : null; // a saved page shows a run, whatever was said of the request
    const refused = message?.kind === "error" && !meta.entry; // nothing of it is drawn: what was wrong before still is
    if (!refused) draft.complaint = this.spec.drawsTyped && message?.kind === "error" ? message : null;
    if (!first || !trouble) {
      // else what is said of what is drawn stays
      if (!settleText(this, meta)) this.say(this.bar.first.offered(message, first));
    } else if (message && message.kind !== "info") this.say({ ...message, text: `${message.text} ${trouble.text}` });
    this.requests.arrived();
    this.link.arrived();
  }

  // The input has another shape: choose a position in it, make the cells of the faces anew.
  /** @type {(was?: import("../core/types.js").Geometry|null) => void} */
  resize() {
    this.state.choose(this.state.choice.cell);
    this.facePanel.resize(this.state.run.geometry);
  }

  // As many faces and parts of panels as runs; the panels that were chosen, in their order.
  layOut() {
    const { views } = this.state.run;
    this.facePanel.layOut(this.state.run);
    this.root.classList.toggle("ls-comparing", views.length > 1);
    this.panels.layOut(views);
  }

  /** @type {(current: boolean) => void} */
  fillControls(current) {
    const { meta, views } = this.state.run;
    this.bar.fill(current);
    for (const figure of Object.values(this.figures)) figure.fillLists(meta.runs[0]);
    this.facePanel.fillShows(views);
    this.mark();
    this.truth.tell();
  }

  // What the marks depend on besides the runs.
  /** @returns {string} */
  get markedOf() {
    return `${this.state.active} ${this.astray}`;
  }

  // Marks on the clock's track: of both runs when two are compared, and of the chosen cell.
  mark() {
    const marks = markList(this.state, this.clock.loops, (text) => this.words(text), this.astray);
    this.clockBar.setMarks([...this.lesson.marks, ...marks]); // the first at a loop gives its colour
    this.marked = this.markedOf;
  }

  /** @type {(message: Said|null) => void} */
  say(message) {
    // on the button that goes: what has the focus next shows a frame only where that did
    if (this.message.contains(document.activeElement)) this.clockBar.playButton.focus({ preventScroll: true });
    const { complaint } = this.state.draft; // comes back when another message is closed
    const close = button("✕", "Close this message", () => this.say(message === complaint ? null : complaint));
    this.message.replaceChildren(...(message ? [message.text, ...(message.more ?? []), close] : []));
    this.message.className = `ls-message ${message ? `ls-${message.kind}` : ""}${message?.near ? " ls-near" : ""}`;
  }

  // ── the panels, as the rest of the page knows them ──────────────────────────────────────────────────────────────

  /** @type {Object<string, import("./figure.js").Figure>} */
  get figures() {
    return this.panels.figures;
  }

  /** @type {import("./face.js").Face[]} */
  get faces() {
    return this.facePanel.faces;
  }

  /** @type {HTMLElement} */
  get side() {
    return this.panels.side;
  }

  /** @type {(panels: string[], remember?: boolean) => void} */
  arrange(panels, remember) {
    this.panels.arrange(panels, remember);
  }

  /** @type {(name: string|null) => void} */
  present(name) {
    this.stage.present(name);
  }

  // ── choosing ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @type {(cell: number, how?: "only"|"add"|"toggle") => void} */
  select(cell, how = "only") {
    this.state.select(cell, how);
    this.changed();
  }

  // Of another input a position is chosen where something is asked.
  chooseAsked() {
    const { choice, run } = this.state;
    if (run.views[0].asked[choice.cell]) return;
    this.state.choose(Math.max(0, this.firstCell()));
    choice.held = false;
  }

  /** @type {(cell: number|null) => void} */
  preview(cell) {
    if (this.state.preview(cell)) this.changed(false);
  }

  release() {
    this.state.release();
    this.changed();
  }

  // Esc on the face: lets go of what is held, then leaves the face. False where something else is open.
  /** @type {() => boolean} */
  leave() {
    if (this.root.querySelector("details[open]") || this.state.layout.presenting) return false;
    if (this.state.choice.held) this.release();
    else this.clockBar.playButton.focus();
    return true;
  }

  /** @type {(event: Event) => void} */
  focusFace(event) {
    this.facePanel.focus(event);
  }

  // ── asking the server ───────────────────────────────────────────────────────────────────────────────────────────

  // The link to a view of this app that a text is; a saved page opens none.
  /** @type {(text: string) => URL|null} */
  viewIn(text) {
    return this.host.root ? viewIn(text, this.host) : null;
  }

  // A text was pasted: a link to a view of this app opens that view, any other text is an input.
  /** @type {(text: string) => void} */
  paste(text) {
    const link = this.viewIn(text);
    if (link) this.link.follow(link, true);
    else this.useAnew(text);
  }

  // Another input, as a whole.
  /** @type {(text: string) => void} */
  useAnew(text) {
    this.useText(text);
    this.state.draft.fresh = true;
  }

  /** @type {(change: object) => void} */
  ask(change) {
    this.requests.send(change);
  }

  /** @type {() => boolean} */
  refused() {
    return this.requests.refused();
  }

  /** @type {(name: string) => Promise<void>} */
  saveAnimation(name) {
    this.closeMenus();
    return this.host.saveAnimation(this, name);
  }

  // A saved page does not hold Plotly, which is larger than all else in it.
  /** @type {(about?: object) => Promise<void>|undefined} */
  openSpace(about) {
    if (this.host.openSpace) return this.host.openSpace(this, about);
    this.say({ kind: "info", text: `${whereKept(this.host)}: the large figure in space needs the app.` });
  }

  /** @type {(title: string, ...content: Element[]) => () => void} */
  openDialog(title, ...content) {
    return openDialog(this, title, ...content);
  }

  openKeys() {
    openKeys(this);
  }

  /** @type {(panel: Panel, i: number) => void} */
  askQuestion(panel, i) {
    askQuestion(this, panel, i);
  }

  /** @type {(panel: Panel, i: number, row: import("../ask/row.js").AskRow) => void} */
  tellQuestion(panel, i, row) {
    tellQuestion(this, panel, i, row);
  }

  // ── figures and views to take away ──────────────────────────────────────────────────────────────────────────────

  /** @type {(name: string, kind: string) => Promise<void>} */
  save(name, kind) {
    this.closeMenus((open) => (name === "board" ? this.facePanel.root : this.figures[name].root).contains(open));
    return saveFigure(this, name, kind);
  }

  // What is on screen, as the title of a saved page and in the names of files.
  /** @type {{ title: string, file: string }} */
  get names() {
    const { runs } = this.state.run.meta;
    const labels = runs.map((run) => run.label);
    return { title: labels.join(" and "), file: labels.map(fileWords).join("-vs-") };
  }

  /** @type {() => Promise<void>} */
  exportView() {
    return this.host.exportView(this);
  }

  /** @type {() => Promise<void>} */
  savePage() {
    return this.host.savePage(this);
  }

  /** @type {(more?: Object<string, string|number>) => URL} */
  address(more) {
    return this.link.link(more);
  }

  // ── painting ────────────────────────────────────────────────────────────────────────────────────────────────────

  // Something has changed: paint with the next frame. address: it shows in the address bar.
  /** @type {(address?: boolean) => void} */
  changed(address = true) {
    if (!this.state.run.meta) return;
    if (address) this.link.write();
    this.painter.soon();
  }

  // More is known of what was asked.
  told() {
    this.truth.tell();
    this.changed(false);
  }

  repaint() {
    if (!this.state.run.meta) return;
    this.clockBar.spread();
    this.changed(false);
  }

  /** @type {number} */
  get scale() {
    return this.painter.scale;
  }

  /** @type {Object<string, string|string[]>} */
  get colours() {
    return this.painter.colours;
  }

  /** @type {(i: number, panel?: Panel) => Seen} */
  seen(i, panel) {
    return this.painter.seen(i, panel);
  }
}
