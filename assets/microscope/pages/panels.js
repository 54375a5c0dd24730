// The panels of a page: which of them there are for what is shown, which were chosen and in which order.

import { h } from "../core/elements.js";
import { PANELS } from "../panels/registry.js";
import { isBlank, questionOf } from "../ask/asking.js";
import { costWords } from "../ask/costs.js";
import { AskRow } from "../ask/row.js";
import { askInputs, knownInputs, openRuns } from "./asked.js";
import { saveTable } from "./taking.js";
import { Figure } from "./figure.js";

/** @typedef {import("../core/links.js").Link} Link */
/** @typedef {import("../core/types.js").Panel} Panel */
/** @typedef {import("../core/view.js").View} View */

const COUNTERPARTS = [["attention", "contests"]]; // what a model has in the place of the other

const counterpart = (name) => COUNTERPARTS.find((pair) => pair.includes(name))?.find((one) => one !== name);

/** The panels of a page. */
export class Panels {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.all = PANELS.filter((panel) => !panel.page || panel.page === page.spec.page);
    this.store = page.spec.page === "sudoku" ? "loopscope.panels" : `loopscope.panels.${page.spec.page}`;
    this.side = h("div", { class: "ls-side" });
  }

  // What each panel with modes shows first.
  /** @type {() => Object<string, string>} */
  firstModes() {
    const withModes = this.all.filter((panel) => panel.modes && this.modesOf(panel).length);
    return Object.fromEntries(withModes.map((panel) => [panel.name, this.modesOf(panel)[0][0]]));
  }

  build() {
    const { page } = this;
    this.figures = Object.fromEntries(this.all.map((panel) => [panel.name, new Figure(panel, page)]));
  }

  // The modes of a panel for the task, which must offer what a mode names, and for the models: one that draws only the
  // answer to a question is there where it can be asked of one of them. Where no mode can, all are: the panel says why.
  /** @type {(panel: Panel) => [string, string, string?][]} */
  modesOf(panel) {
    const { meta, offers, views } = this.page.state.run;
    const ofTask = panel.modes.filter(([, , offer]) => !offer || offers.includes(offer));
    const here = ofTask.filter(([mode]) => !meta || !panel.offered || panel.offered(mode, meta));
    const open = here.filter(([mode]) => !views.length || views.some((view) => !this.refusedMode(panel, mode, view)));
    return open.length ? open : here;
  }

  // The mode in which a panel is seen: the chosen one, and where there is none such here, the first. What was chosen
  // stays for what is shown next.
  /** @type {(panel: Panel) => string|undefined} */
  modeOf(panel) {
    if (!panel.modes) return undefined;
    const names = this.modesOf(panel).map(([name]) => name);
    const chosen = this.page.state.look.modes[panel.name];
    return names.includes(chosen) ? chosen : names[0];
  }

  // Why a mode that draws only the answer to a question has nothing to show of a run; null where it has.
  /** @type {(panel: Panel, mode: string|undefined, view: View) => string|null} */
  refusedMode(panel, mode, { meta }) {
    const waits = panel.build || isBlank(panel, mode);
    return (waits && meta.refused?.[questionOf(panel, mode)?.name]) || null;
  }

  // Whether a panel has something to show in one of its modes: it draws without an answer, or there is a server to
  // ask, or an answer was saved. A panel that has not says so when it is shown.
  /** @type {(panel: Panel) => boolean} */
  answerable(panel) {
    if (this.page.host.ask) return true;
    if (panel.build) return false;
    const modes = panel.modes ? this.modesOf(panel).map(([mode]) => mode) : [undefined];
    return modes.some((mode) => !isBlank(panel, mode) || this.saved(questionOf(panel, mode)));
  }

  // Whether an answer to a question came with a saved page.
  /** @type {(question: { name: string }) => boolean} */
  saved({ name }) {
    return (this.page.host.answers ?? []).some(([key]) => key.startsWith(`${name}|`));
  }

  /** @type {import("../core/state.js").Layout} */
  get layout() {
    return this.page.state.layout;
  }

  // Show the panels that a link names, in this view alone.
  /** @type {(link: Link) => void} */
  follow(link) {
    const known = this.all.map((panel) => panel.name);
    const named = link.panels(known);
    const asked = named?.filter((name) => known.includes(name));
    if (asked?.length || named?.length === 0) this.arrange([...new Set(asked)], false);
  }

  /** @type {(link: Link, before: object) => void} */
  begin(link, before) {
    const { page } = this;
    const known = this.all.map((panel) => panel.name);
    const stored = this.storage((memory) => memory.getItem(this.store))?.split(",");
    const asked = link.panels(known) ?? before.panels ?? stored ?? page.spec.panels;
    const found = [...new Set(asked.filter((name) => known.includes(name)))];
    this.layout.panels = asked.filter(Boolean).length && !found.length ? page.spec.panels : found;
  }

  // Whether there is a panel of that name for what is shown, be it to say why it is empty.
  /** @type {(name: string) => boolean} */
  here(name) {
    return name === "board" || this.served(name) || this.lacking(name);
  }

  // Whether the model of a run cannot have what a panel draws; the message says why.
  lacking(name) {
    const { needs } = this.figures[name].panel;
    return this.page.state.run.views.some((view) => view.meta.missing?.[needs]);
  }

  // Why no run has anything to show in a panel, in the server's words, "" where it has none; null where one has.
  /** @type {(name: string) => string|null} */
  refusal(name) {
    const { panel } = this.figures[name];
    const whys = this.page.state.run.views.map((view) => this.refusalOf(panel, view));
    return whys.includes(null) ? null : this.page.words(whys[0] ?? "");
  }

  // The same of one run: it lacks what is drawn, or what is drawn is the answer to a question that it cannot be asked.
  refusalOf(panel, view) {
    if (!view.arrays[panel.needs]) return view.meta.missing?.[panel.needs] ?? "";
    const modes = panel.modes ? this.modesOf(panel).map(([mode]) => mode) : [undefined];
    const whys = modes.map((mode) => this.refusedMode(panel, mode, view));
    return whys.includes(null) ? null : (whys[0] ?? "");
  }

  // The panels that stand on the page for some that were chosen, in their order.
  shownOf(panels) {
    return [...new Set(panels.map((name) => this.standIn(name)))].filter((name) => this.here(name));
  }

  // What shows in its own way what a panel cannot show of these models; else the panel itself.
  standIn(name) {
    const other = counterpart(name);
    return this.figures[other] && this.served(other) && !this.served(name) ? other : name;
  }

  // The panels that were chosen, each by the name of what shows it, in their order: what a person sees or misses.
  /** @type {() => string[]} */
  chosen() {
    return [...new Set(this.layout.panels.map((name) => this.standIn(name)))];
  }

  // The name by which a panel on the page was chosen.
  chosenAs(name) {
    return this.layout.panels.find((one) => this.standIn(one) === name) ?? name;
  }

  // Take a panel off the page, by whatever names it was chosen.
  /** @type {(name: string) => void} */
  hide(name) {
    this.arrange(this.layout.panels.filter((one) => this.standIn(one) !== name));
  }

  // The panels on the page, in their order.
  /** @type {() => string[]} */
  onPage() {
    return this.shownOf(this.layout.panels);
  }

  // Those that have something to show of a run.
  /** @type {() => string[]} */
  drawing() {
    return this.onPage().filter((name) => this.served(name));
  }

  /** @type {(name: string) => boolean} */
  served(name) {
    const { page } = this;
    const { panel } = this.figures[name];
    const needed = page.state.run.views.some((view) => view.arrays[panel.needs]);
    return needed && (!panel.modes || this.modesOf(panel).length > 0);
  }

  /** @type {(views: View[]) => void} */
  layOut(views) {
    const { layout } = this;
    for (const figure of Object.values(this.figures)) figure.layOut(views);
    this.page.bar.fillQuestions();
    if (layout.presenting && !this.here(layout.presenting)) layout.presenting = "board";
    if (layout.beside && !this.here(layout.beside)) layout.beside = null;
    this.arrange(layout.panels, false);
  }

  // Show these panels in this order, and remember it.
  /** @type {(panels: string[], remember?: boolean) => void} */
  arrange(panels, remember = true) {
    this.layout.panels = panels;
    if (remember) this.storage((memory) => memory.setItem(this.store, panels.join(",")));
    const roots = this.onPage().map((name) => this.figures[name].root);
    this.place(roots);
    this.side.dataset.count = roots.length;
    this.page.bar.fillPanels();
    this.page.changed();
  }

  // Put these elements at the side; a presented panel also where it is not among the chosen ones. Elements that stand
  // in this order already are not touched, so that focus and scroll position stay. When the panel with the focus goes,
  // the menu of its neighbour gets the focus.
  /** @type {(roots: Element[]) => void} */
  place(roots) {
    const { presenting, beside } = this.layout;
    const alone = beside ?? presenting;
    const extra = alone && alone !== "board" ? [this.figures[alone].root] : [];
    const wanted = [...new Set([...roots, ...extra])];
    const now = [...this.side.children];
    if (wanted.length === now.length && wanted.every((root, i) => root === now[i])) return;
    const hand = document.activeElement;
    const at = now.findIndex((root) => root.contains(hand));
    this.side.replaceChildren(...wanted);
    if (at < 0) return;
    const near = this.side.children[Math.min(at, roots.length - 1)]?.querySelector(".ls-menu > summary");
    const heir = this.side.contains(hand) ? hand : (near ?? this.page.bar.panelList.previousSibling);
    heir.focus({ preventScroll: true });
  }

  arrangeAsAtFirst() {
    this.arrange(this.page.spec.panels);
    this.storage((memory) => memory.removeItem(this.store));
  }

  // Whether the panels are those of a first visit, for everybody who opens the link in this browser, too.
  /** @type {() => boolean} */
  usual() {
    const first = this.page.spec.panels.join(",");
    const stored = this.storage((memory) => memory.getItem(this.store)) ?? first;
    return stored === first && this.layout.panels.join(",") === first;
  }

  // A saved page that is opened as a file may have no memory.
  /** @type {(use: (memory: Storage) => *) => *} */
  storage(use) {
    const { memory } = this.page.host;
    return memory ? use(memory) : null;
  }

  /** @type {(name: string, by: number) => void} */
  move(name, by) {
    const panels = [...this.layout.panels];
    const shown = this.shownOf(panels);
    const here = this.standIn(name);
    const other = shown.includes(here) && shown[shown.indexOf(here) + by];
    if (!other) return;
    const [at, to] = [name, other].map((one) => panels.indexOf(this.chosenAs(one)));
    [panels[at], panels[to]] = [panels[to], panels[at]];
    this.arrange(panels);
  }

  // Show the panel of a question first and scroll to it. The question is asked where its button can be pressed; the
  // focus is on what can be done next.
  /** @type {(name: string) => void} */
  ask(name) {
    const { page, layout } = this;
    const { panel } = this.figures[name];
    page.closeMenus();
    this.arrange([name, ...layout.panels.filter((one) => one !== name)]);
    for (const i of openRuns(page, panel)) page.askQuestion(panel, i);
    if (layout.presenting) {
      page.present(name);
      return;
    }
    const { root } = this.figures[name];
    requestAnimationFrame(() => {
      const field = root.querySelector(".ls-ask:not([hidden]) button:not([hidden]), .ls-form select");
      root.scrollIntoView({ block: "nearest", behavior: page.painter.still.matches ? "auto" : "smooth" });
      (field ?? root.querySelector("summary")).focus({ preventScroll: true });
    });
  }

  // What a panel that is a form may know and do.
  /** @type {(panel: Panel) => import("../core/types.js").FormHost} */
  formHost(panel) {
    const { page } = this;
    return {
      kept: (page.state.forms[panel.name] ??= {}),
      seen: () => page.seen(0, panel),
      words: (text) => page.words(text),
      settable: () => page.settable(),
      donors: () => page.donors(),
      compare: (versus) => page.ask({ versus }),
      say: (message) => page.say(message),
      verdict: () => page.facePanel.verdict.textContent,
      mode: () => this.modeOf(panel),
      use: (text) => page.useAnew(text),
      askRow: (start) => new AskRow(start),
      cost: costWords,
      inputs: (i, about) => knownInputs(page, panel, i, about).own,
      askInputs: (i, about) => askInputs(page, panel, i, about),
      saveTable: (labels, name, table) => saveTable(page, labels, name, table),
    };
  }
}
