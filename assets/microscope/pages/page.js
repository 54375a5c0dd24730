// What the two pages share. A page (sudoku.js, sequences.js) says what is typed and how it is drawn:
//
//     static          name, panels of a first visit, questions of the menu “Ask”, keys, shows: what the face can show
//     face            { title, help, drawing }: the panel on the left
//     inputs()        elements of the bar, where something is typed or chosen
//     place(meta)     make the geometry of this message; true when another one is drawn than before
//     arrived(…)      what the person's input holds now
//     faceKey(event)  a key while the face has the focus; inputKey(event): and wherever else it is
//     paintFace(pen, width, height, seen), faceWords(seen, i), faceTable(view), say what is on it
//     words(text)     panels speak of cells of a board; a page may call them otherwise

import { Clock } from "../core/clock.js";
import { button, download, h, icon, options } from "../core/elements.js";
import { readMessage } from "../core/message.js";
import { View } from "../core/view.js";
import { clamp, plural } from "../core/words.js";
import { plainColour, readColours } from "../draw/colours.js";
import { SvgPen, canvasPen, fresh } from "../draw/surface.js";
import { PANELS } from "../panels/registry.js";
import { Answers } from "../ask/answers.js";
import { askRow } from "../ask/row.js";
import { Face } from "./face.js";

const LINK = 1; // version of what the address bar means
const remembered = {}; // by page; survives a switch to another page and back

export class Microscope {
  constructor(parent) {
    this.about = this.constructor; // of the page
    this.all = PANELS.filter((panel) => !panel.page || panel.page === this.about.page);
    this.store = this.about.page === "sudoku" ? "loopscope.panels" : `loopscope.panels.${this.about.page}`;
    this.cell = 0;
    this.selected = new Set([0]);
    this.held = false; // clicked: pointing elsewhere previews nothing until Esc
    this.hover = null;
    this.head = null; // null: all heads side by side
    this.layer = 0;
    this.show = "answer";
    this.entry = ""; // what the person has typed, as the server reads it
    this.request = 0; // number of the last request sent; an answer to an older one does not touch the entry
    this.views = [];
    this.boards = [];
    this.presenting = null;
    this.hidden = false;
    this.panels = this.about.panels;
    this.build(parent);
  }

  words(text) {
    return text;
  }
  inputKey() {}
  modesOf(panel) {
    return panel.modes.filter(([, , page]) => !page || page === this.about.page);
  }

  // ── the page's elements, made once ──────────────────────────────────────────────────────────────────────────────

  build(parent) {
    this.checkpointSelect = h("select", {
      id: "ls-checkpoint",
      onchange: () => this.ask({ checkpoint: this.checkpointSelect.value }),
    });
    this.versusSelect = h("select", { id: "ls-versus", onchange: () => this.ask({ versus: this.versusSelect.value }) });
    this.loopsInput = h("input", { id: "ls-loops", type: "number", min: 1, step: 1, onchange: () => this.askLoops() });
    this.loopsNote = h("span", { class: "ls-note" });
    this.exampleSelect = h("select", { id: "ls-example", onchange: () => this.chooseExample() });
    this.copyButton = button("Copy link", "Copy a link to exactly this view", () => this.copyLink());
    this.panelList = h("div", { class: "ls-list" });
    this.questionList = h(
      "div",
      { class: "ls-list" },
      ...this.about.questions
        .map((name) => this.all.find((panel) => panel.name === name))
        .map((panel) =>
          button(
            this.words(panel.question),
            `${this.words(panel.question)} Shows the panel ${this.words(panel.title)}`,
            () => this.question(panel.name),
          ),
        ),
    );
    this.answers = new Answers(() => this.changed(false));
    this.modes = Object.fromEntries(
      this.all.filter((panel) => panel.modes).map((panel) => [panel.name, this.modesOf(panel)[0][0]]),
    );
    const { labelled, buttons, below = [] } = this.inputs();
    this.camera = [0.6, 0.4]; // of what is drawn in space: turned and tilted, in radians
    this.bar = h(
      "div",
      { class: "ls-bar" },
      h("label", { for: "ls-checkpoint" }, "Checkpoint ", this.checkpointSelect),
      h("label", { for: "ls-versus" }, "Compare with ", this.versusSelect),
      h("label", { for: "ls-loops" }, "Loops ", this.loopsInput, this.loopsNote),
      ...labelled,
      h(
        "span",
        { class: "ls-buttons" },
        ...buttons,
        h(
          "details",
          { class: "ls-menu ls-why", name: "ls-menu" },
          h("summary", { title: "Questions to the model" }, "Ask"),
          this.questionList,
        ),
        h(
          "details",
          { class: "ls-menu", name: "ls-menu" },
          h("summary", { title: "Choose and order the panels" }, "Panels"),
          this.panelList,
        ),
        h(
          "details",
          { class: "ls-menu", name: "ls-menu" },
          h("summary", { title: "Share, present or export this view" }, "Share"),
          h(
            "div",
            { class: "ls-list" },
            this.copyButton,
            button(
              "Copy link for presenting",
              "Copy a link that opens in presenter mode with the controls hidden",
              () => this.copyLink({ present: this.presenting ?? "board", hide: 1 }),
            ),
            button("Present (P)", "One large panel at a time, for a projector", () => this.present("board"), "present"),
            (this.exportLink = h(
              "a",
              {
                class: "ls-button",
                "data-testid": "export-view",
                title: "A zip with figures, arrays and a script that makes them again",
                onclick: (event) => {
                  event.preventDefault();
                  this.exportView();
                },
              },
              "Export this view",
            )),
          ),
        ),
        button("?", "Keys", () => this.openKeys(), "keys"),
      ),
    );
    this.message = h("div", { class: "ls-message", role: "status", "aria-live": "polite", "data-testid": "message" });
    const { face } = this;
    this.showSelect = h("select", {
      class: "ls-heads",
      "aria-label": `Show on the ${face.title.toLowerCase()}`,
      onchange: () => {
        this.show = this.showSelect.value;
        this.changed();
      },
    });
    this.clock = new Clock(() => this.changed());
    const p = (name, title, help, formula, figure = true) =>
      h(
        "header",
        {},
        h("h2", {}, this.words(title)),
        this.help(this.words(title), this.words(help), formula && this.words(formula)),
        this.menu(name, figure),
      );
    this.boardsHere = h("div", { class: "ls-boards" });
    this.verdict = h("p", { class: "ls-verdict", "data-testid": "verdict", hidden: true });
    this.hold = h("p", { class: "ls-hold", "data-testid": "hold" });
    this.boardPanel = h(
      "section",
      { class: "ls-panel ls-board", "data-panel": "board", "aria-label": face.title },
      p("board", face.title, face.help),
      h("div", { class: "ls-picks" }, this.showSelect),
      this.boardsHere,
      ...below,
      this.verdict,
      this.hold,
    );
    this.modeSelects = {};
    this.panelRoots = Object.fromEntries(
      this.all.map((panel) => {
        const parts = h("div", { class: "ls-parts" });
        const picks = h("div", { class: "ls-picks" });
        const root = h(
          "section",
          { class: `ls-panel ls-${panel.name}`, "data-panel": panel.name, "aria-label": this.words(panel.title) },
          p(
            panel.name,
            panel.title,
            panel.sequences && this.about.page === "sequences" ? panel.sequences : panel.help,
            panel.formula,
            !panel.build,
          ),
          picks,
          parts,
        );
        if (panel.modes) {
          const select = h("select", {
            class: "ls-heads",
            "aria-label": `${panel.title}: what to show`,
            onchange: () => {
              this.modes[panel.name] = select.value;
              this.changed();
            },
          });
          options(
            select,
            this.modesOf(panel).map(([name, words]) => [name, this.words(words)]),
            this.modes[panel.name],
          );
          select.hidden = this.modesOf(panel).length < 2;
          picks.append(select);
          this.modeSelects[panel.name] = select;
        }
        if (panel.turns) {
          this.turnSlider = h("input", {
            type: "range",
            class: "ls-turn",
            min: -180,
            max: 180,
            step: 5,
            "aria-label": `${panel.title}: turn`,
            title: "Turn, as by dragging",
            oninput: () => {
              this.camera = [(Number(this.turnSlider.value) * Math.PI) / 180, this.camera[1]];
              this.changed(false);
            },
          });
          picks.append(this.turnSlider);
        }
        if (panel.choosesHead) {
          this.headSelect = h("select", {
            class: "ls-heads",
            "aria-label": "Attention head",
            onchange: () => {
              this.head = this.headSelect.value === "" ? null : Number(this.headSelect.value);
              this.changed();
            },
          });
          this.layerSelect = h("select", {
            class: "ls-heads",
            "aria-label": "Layer",
            onchange: () => {
              this.layer = Number(this.layerSelect.value);
              this.changed();
            },
          });
          picks.append(this.headSelect, this.layerSelect);
        }
        return [panel.name, { panel, root, parts, drawn: [] }];
      }),
    );
    this.side = h("div", { class: "ls-side" });
    this.unhide = h(
      "button",
      {
        type: "button",
        class: "ls-unhide",
        onclick: () => {
          this.hidden = false;
          this.changed();
        },
      },
      "Show the controls",
    );
    this.badge = h("p", { class: "ls-badge", "data-testid": "truth-badge" });
    this.stage = h(
      "div",
      { class: "ls-stage", role: "group", "aria-label": "Presenter mode" },
      (this.stageTitle = h("strong", {})),
      button("◂ Panel", "The panel before", () => this.presentNext(-1)),
      button("Panel ▸", "The next panel (N)", () => this.presentNext(1)),
      button("Leave", "Leave presenter mode (Esc)", () => this.present(null), "leave"),
    );
    this.root = h(
      "div",
      { class: "ls", "data-testid": "microscope" },
      this.bar,
      this.message,
      this.stage,
      h("div", { class: "ls-main" }, this.boardPanel, this.side),
      this.clock.root,
      this.unhide,
      this.badge,
    );
    parent.append(this.root);

    this.keys = (event) => this.pageKey(event);
    this.copying = (event) => this.clipboard(event);
    this.pressed = (event) => {
      // a menu or a note closes when something else is pressed
      for (const open of this.root.querySelectorAll("details[open]"))
        if (!open.contains(event.composedPath()[0])) open.open = false;
    };
    this.resizer = new ResizeObserver(() => this.repaint());
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.themed = () => this.repaint();
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.touch = matchMedia("(pointer: coarse)");
  }

  help(title, words, formula) {
    return h(
      "details",
      { class: "ls-help", name: "ls-help" },
      h("summary", { "aria-label": `${title}: what am I looking at?`, title: "What am I looking at?" }, "?"),
      h(
        "div",
        {},
        h("p", {}, words),
        ...(formula ? [h("p", { class: "ls-formula" }, h("b", {}, "How is this computed? "), formula)] : []),
      ),
    );
  }

  // A panel's name as people read it; the face is the board only where there is one.
  called(name) {
    return name === "board" ? this.face.title.toLowerCase() : name;
  }

  menu(name, figure) {
    const movable = name !== "board";
    const said = this.called(name);
    return h(
      "details",
      { class: "ls-menu", name: "ls-menu" },
      h(
        "summary",
        { "aria-label": `${said}: export, present, arrange`, title: "Export, present, arrange" },
        icon("more"),
      ),
      h(
        "div",
        { class: "ls-list" },
        ...(figure
          ? [
              button("PNG", `Save the ${said} figure as PNG`, () => this.save(name, "png")),
              button("SVG", `Save the ${said} figure as SVG`, () => this.save(name, "svg")),
              button("CSV", `Save the numbers of the ${said} figure as CSV`, () => this.save(name, "csv")),
            ]
          : []),
        button("Present", `Show ${said} alone and large`, () => this.present(name)),
        ...(movable
          ? [
              button("Earlier", `Move ${name} one place earlier`, () => this.move(name, -1)),
              button("Later", `Move ${name} one place later`, () => this.move(name, 1)),
              button("Hide", `Hide ${name}`, (event) => {
                event.target.closest("details").open = false;
                this.arrange(this.panels.filter((one) => one !== name));
              }),
            ]
          : []),
      ),
    );
  }

  attach() {
    document.addEventListener("keydown", this.keys);
    document.addEventListener("copy", this.copying);
    document.addEventListener("paste", this.copying);
    document.addEventListener("pointerdown", this.pressed);
    this.dark.addEventListener("change", this.themed);
    this.resizer.observe(this.root);
  }

  detach() {
    remembered[this.about.page] = {
      loop: this.clock.loop,
      range: this.clock.range,
      cell: this.cell,
      held: this.held,
      head: this.head,
      layer: this.layer,
      show: this.show,
      panels: this.panels.join(","),
      hidden: this.hidden,
      modes: this.modes,
      camera: this.camera,
      answers: this.answers.known,
      ...this.kept(),
    };
    this.clock.pause();
    document.removeEventListener("keydown", this.keys);
    document.removeEventListener("copy", this.copying);
    document.removeEventListener("paste", this.copying);
    document.removeEventListener("pointerdown", this.pressed);
    this.dark.removeEventListener("change", this.themed);
    this.resizer.disconnect();
  }

  // ── a trace arrives ─────────────────────────────────────────────────────────────────────────────────────────────

  receive(bytes) {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    const first = !this.meta;
    const { meta, runs } = readMessage(bytes);
    const { clock } = this;
    const current = first || meta.request >= this.request;
    const wasAtEnd = first || clock.loop === clock.loops;
    const oldLoops = clock.loops;
    this.meta = meta;
    // What was wrong before a switch of pages can still be mended.
    if (first && meta.message?.kind === "error") meta.entry ??= this.remembered.entry;
    const resized = this.place(meta);
    if (resized) this.resize();
    this.views = meta.runs.map((run, i) => new View(this.geometry, run, runs[i], meta.runs.length > 1 ? "AB"[i] : ""));
    this.puzzle = meta.puzzle;
    // A token for every position, where there is one right answer.
    this.solution = meta.solution && Array.from(meta.solution, Number);
    this.judged = meta.judged ?? !!this.solution; // whether it is known which answers are right
    clock.loops = Math.max(...this.views.map((view) => view.loops));
    if (clock.range && clock.range[1] > clock.loops) clock.range = null;
    if (first) this.begin();
    else if (wasAtEnd && oldLoops !== clock.loops) clock.loop = clock.loops;
    clock.loop = clamp(clock.loop, 0, clock.loops);
    if (this.head != null && this.head >= meta.runs[0].heads) this.head = null;
    if (this.layer >= meta.runs[0].layers) this.layer = 0;
    if (this.show === "versus" && this.views.length < 2) this.show = "answer";
    if (current) {
      this.arrived(meta, first, resized);
      if (!first || !this.linkTrouble) this.say(meta.message);
      else if (meta.message && meta.message.kind !== "info")
        this.say({ ...meta.message, text: `${meta.message.text} ${this.linkTrouble.text}` });
      this.root.removeAttribute("data-busy");
    }
    this.layOut();
    this.fillControls(current);
    this.changed();
    this.traces = (this.traces ?? 0) + 1;
  }

  // What the address bar, an earlier visit to this page or the browser's memory say of the view.
  begin() {
    const url = new URLSearchParams(location.search);
    const { clock, meta, geometry } = this;
    const trouble = [];
    const remembered = this.remembered;
    const whole = (name, high, what) => {
      const text = url.get(name);
      if (text == null) return null;
      if (/^\d{1,6}$/.test(text) && Number(text) <= high) return Number(text);
      trouble.push(`${what} ${text.slice(0, 12)} (there are 0 to ${high})`);
      return null;
    };
    this.request = meta.request;
    clock.loop = whole("loop", clock.loops, "loop") ?? Math.min(remembered.loop ?? clock.loops, clock.loops);
    this.cell =
      whole("cell", geometry.n - 1, "cell") ??
      Math.min(remembered.cell ?? Math.max(0, this.firstCell()), geometry.n - 1);
    if (!geometry.spot(this.cell)) {
      // padding, which is not drawn
      trouble.push(`cell ${this.cell}`);
      this.cell = this.firstCell();
    }
    this.selected = new Set([this.cell]);
    this.held = url.has("cell") || remembered.held || false;
    this.head = whole("head", meta.runs[0].heads - 1, "head") ?? remembered.head ?? null;
    const one = (name, allowed, fallback, what) => {
      const text = url.get(name);
      if (text != null && !allowed.includes(text)) trouble.push(`${what} “${text.slice(0, 20)}”`);
      return allowed.includes(text) ? text : fallback;
    };
    this.show = one(
      "show",
      this.about.shows.map(([name]) => name),
      remembered.show ?? "answer",
      `${this.words("a board")} that shows`,
    );
    this.presenting = one("present", ["board", ...this.all.map((panel) => panel.name)], null, "a panel called");
    this.hidden = url.has("hide") ? url.get("hide") === "1" : (remembered.hidden ?? false);
    this.layer = remembered.layer ?? 0;
    this.camera = remembered.camera ?? this.camera;
    if (remembered.answers) this.answers.known = remembered.answers;
    Object.assign(this.modes, remembered.modes);
    for (const pair of (url.get("modes") ?? "").split(",").filter(Boolean)) {
      const [name, mode] = pair.split("-");
      const panel = this.all.find((panel) => panel.name === name && panel.modes);
      if (panel && this.modesOf(panel).some(([one]) => one === mode)) this.modes[name] = mode;
      else trouble.push(`a panel that shows “${pair.slice(0, 20)}”`);
    }
    for (const [name, select] of Object.entries(this.modeSelects)) select.value = this.modes[name];
    if (remembered.entry === (meta.entry ?? meta.puzzle)) this.recall(remembered);
    const range = /^(\d{1,4})-(\d{1,4})$/.exec(url.get("range") ?? "");
    if (url.has("range") && !(range && Number(range[1]) < Number(range[2]) && Number(range[2]) <= clock.loops))
      trouble.push(`the range ${url.get("range").slice(0, 12)}`);
    else if (range) clock.setRange([Number(range[1]), Number(range[2])]);
    else clock.range = remembered.range ?? null;
    const known = this.all.map((panel) => panel.name);
    const asked = (
      url.get("panels") ??
      remembered.panels ??
      localStorage.getItem(this.store) ??
      this.about.panels.join(",")
    )
      .split(",")
      .filter(Boolean);
    if (url.has("panels") && asked.some((name) => !known.includes(name)))
      trouble.push(`a panel called “${asked.find((name) => !known.includes(name)).slice(0, 20)}”`);
    this.panels = [...new Set(asked.filter((name) => known.includes(name)))];
    if (asked.length && !this.panels.length) this.panels = this.about.panels;
    this.linkTrouble = trouble.length
      ? {
          kind: "warning",
          text: this.words(
            `This link asks for ${trouble.join(", ")}, which this view does not have; the usual is shown instead.`,
          ),
        }
      : null;
    if (this.linkTrouble) this.say(this.linkTrouble);
  }

  get remembered() {
    return remembered[this.about.page] ?? {};
  }

  // Something of another shape is drawn.
  resize() {
    this.cell = clamp(this.cell, 0, this.geometry.n - 1);
    this.selected = new Set([this.cell]);
    this.hover = null;
    this.boards.forEach((board) => board.build(this.geometry));
  }

  // As many boards and parts of panels as runs; the panels that were chosen, in their order.
  layOut() {
    const { views } = this;
    while (this.boards.length < views.length) {
      const board = new Face(this);
      board.build(this.geometry);
      board.title = h("h3", { class: "ls-caption" });
      board.says = h("p", { class: "ls-says" });
      board.root = h("div", { class: "ls-part" }, board.title, board.frame, board.says);
      this.boards.push(board);
    }
    this.boards.length = views.length;
    const roots = this.boards.map((board) => board.root);
    if (
      roots.some((root, i) => this.boardsHere.children[i] !== root) ||
      this.boardsHere.children.length !== roots.length
    )
      this.boardsHere.replaceChildren(...roots);
    this.boards.forEach((board, i) => {
      board.title.textContent = views[i].letter ? views[i].label : "";
    });
    this.root.classList.toggle("ls-comparing", views.length > 1);
    for (const root of Object.values(this.panelRoots)) {
      const { panel, parts, drawn } = root;
      if (panel.build) {
        if (!root.built) {
          root.built = panel.build(this);
          parts.append(root.built.root);
        }
        continue;
      }
      while (drawn.length < views.length) {
        const row = panel.asks && askRow(() => this.askLens(panel, i));
        const i = drawn.length;
        const canvas = h("canvas", { role: "img", "aria-label": panel.drawing });
        const title = h("h3", { class: "ls-caption" });
        const says = h("p", { class: "ls-says" });
        const none = h("p", { class: "ls-none" });
        const found = (event) => {
          const seen = this.seen(i, panel);
          const zoom = this.scale;
          return canvas.hidden
            ? null
            : panel.pick(
                event.offsetX / zoom,
                event.offsetY / zoom,
                seen,
                canvas.clientWidth / zoom,
                canvas.clientHeight / zoom,
              );
        };
        canvas.addEventListener("click", (event) => {
          const at = found(event);
          if (at?.loop != null) this.clock.go(at.loop);
          if (at?.cell != null) this.select(at.cell, "only");
        });
        canvas.addEventListener("pointermove", (event) => {
          const at = found(event);
          canvas.style.cursor = at ? "pointer" : "";
          this.preview(at?.cell ?? null);
        });
        canvas.addEventListener("pointerleave", () => this.preview(null));
        if (panel.turns) this.turning(canvas, panel);
        drawn.push({
          canvas,
          says,
          title,
          none,
          row,
          root: h("div", { class: "ls-part" }, title, canvas, none, ...(row ? [row.root] : []), says),
        });
      }
      drawn.length = views.length;
      parts.replaceChildren(...drawn.map((part) => part.root));
      drawn.forEach((part, i) => {
        const served = !!views[i].arrays[panel.needs];
        part.title.textContent = views[i].letter ? views[i].label : "";
        part.canvas.hidden = !served;
        part.says.hidden = !served;
        part.none.hidden = served;
        part.none.textContent = panel.missing?.(views[i]) ?? "";
        if (part.row) part.row.root.hidden = !served;
      });
    }
    this.about.questions.forEach((name, i) => {
      this.questionList.children[i].hidden = !this.here(name);
    });
    if (this.presenting && !this.here(this.presenting)) this.presenting = "board";
    this.arrange(this.panels, false);
  }

  // Whether there is a panel of that name for what is shown, be it to say why it is empty.
  here(name) {
    return name === "board" || this.served(name) || !!this.panelRoots[name].panel.missing;
  }

  served(name) {
    return this.views.some((view) => view.arrays[this.panelRoots[name].panel.needs]);
  }

  // Show these panels in this order, and remember it.
  arrange(panels, remember = true) {
    this.panels = panels;
    if (remember) localStorage.setItem(this.store, panels.join(","));
    const roots = panels.filter((name) => this.here(name)).map((name) => this.panelRoots[name].root);
    const hand = document.activeElement;
    const at = [...this.side.children].findIndex((root) => root.contains(hand));
    this.side.replaceChildren(
      ...(this.presenting && this.presenting !== "board" && !panels.includes(this.presenting)
        ? [...roots, this.panelRoots[this.presenting].root]
        : roots),
    );
    if (at >= 0)
      (this.side.contains(hand)
        ? hand
        : (this.side.children[Math.min(at, roots.length - 1)]?.querySelector(".ls-menu > summary") ??
          this.panelList.previousSibling)
      ).focus({ preventScroll: true });
    this.side.dataset.count = roots.length;
    const names = [...panels, ...this.all.map((panel) => panel.name).filter((name) => !panels.includes(name))];
    const focused = this.panelList.contains(document.activeElement) ? document.activeElement.title : null;
    this.panelList.replaceChildren(
      ...names.map((name) => {
        const { panel } = this.panelRoots[name];
        const title = this.words(panel.title);
        const on = panels.includes(name);
        const why = this.served(name) ? "" : " (this checkpoint cannot serve it)";
        return h(
          "div",
          { class: "ls-item" },
          h(
            "label",
            {},
            h("input", {
              type: "checkbox",
              checked: on,
              title: `Show ${title}`,
              onchange: () => this.arrange(on ? this.panels.filter((one) => one !== name) : [...this.panels, name]),
            }),
            ` ${title}${why}`,
          ),
          ...(on
            ? [
                button("↑", `Move ${title} earlier`, () => this.move(name, -1)),
                button("↓", `Move ${title} later`, () => this.move(name, 1)),
              ]
            : []),
        );
      }),
      button("As at first", "Show the panels of a first visit", () => {
        this.arrange(this.about.panels);
        localStorage.removeItem(this.store);
      }),
    );
    if (focused) this.panelList.querySelector(`[title="${focused}"]`)?.focus();
    this.changed();
  }

  move(name, by) {
    const panels = [...this.panels];
    const at = panels.indexOf(name);
    const to = at + by;
    if (to < 0 || to >= panels.length) return;
    [panels[at], panels[to]] = [panels[to], panels[at]];
    this.arrange(panels);
  }

  fillControls(current) {
    const { meta, views, clock } = this;
    const run = meta.runs[0];
    if (current) {
      options(
        this.checkpointSelect,
        meta.checkpoints.map((c) => [c.name, c.label]),
        run.name,
      );
      this.checkpointSelect.title = run.label;
      this.versusSelect.title = meta.runs[1]?.label ?? "Choose a second model, or the same one with something changed";
      this.versusSelect.replaceChildren(
        h("option", { value: "" }, "nothing"),
        ...meta.rivals.map(({ title, names }) =>
          h(
            "optgroup",
            { label: title },
            ...names.map(([value, words]) => h("option", { value, selected: value === meta.versus }, words)),
          ),
        ),
      );
      this.loopsInput.max = meta.most_loops;
      this.loopsInput.value = meta.loops;
    }
    this.examples = meta.examples;
    const same = meta.examples.findIndex((example) => example.text === this.entry);
    options(
      this.exampleSelect,
      [["", "Your own"], ...meta.examples.map((example, i) => [String(i), example.name])],
      same < 0 ? "" : String(same),
    );
    options(
      this.headSelect,
      [["", "All heads"], ...Array.from({ length: run.heads }, (_, i) => [String(i), `Head ${i + 1}`])],
      this.head == null ? "" : String(this.head),
    );
    options(
      this.layerSelect,
      Array.from({ length: run.layers }, (_, i) => [String(i), `Layer ${i + 1}`]),
      String(this.layer),
    );
    this.layerSelect.hidden = run.layers < 2;
    options(
      this.showSelect,
      this.about.shows.filter(([name]) => name !== "versus" || views.length > 1),
      this.show,
    );
    const beyond = meta.loops - run.trained_loops;
    const plain = run.architecture === "standard";
    this.loopsNote.textContent = plain ? `${run.trained_loops} layers` : `${run.trained_loops} trained`;
    this.loopsNote.title = plain
      ? "a standard transformer has layers in the place of loops"
      : beyond > 0
        ? `${beyond} loops beyond the ${run.trained_loops} that training used${run.held ? ", all with the last timestep of those" : ""}`
        : `training used ${run.trained_loops} loops`;
    this.mark();
    const worst = Math.max(...views.map((view) => view.meta.difference));
    const faithful = worst < 1e-3;
    this.badge.classList.toggle("ls-drift", !faithful);
    this.badge.textContent =
      `${faithful ? "Recorded = computed:" : "Rounding, amplified by every loop, drives two equal runs apart:"} ` +
      `max |Δ| ${worst.toExponential(1)} between the hidden states of the recorded and the plain ` +
      `forward, ${plural(clock.loops, "loop")} · ` +
      `${views.map((view) => `${view.meta.label}, weights sha256 ${view.meta.sha256.slice(0, 12)}, ${view.meta.parameters.toLocaleString("en")} parameters`).join(" · ")} ` +
      `· float32 on ${meta.device} · sent once: ${(this.bytes.length / 1e6).toFixed(1)} MB, attention ` +
      "in 8 bits, probabilities and scales in 16, the rest in 32";
    this.badge.title = views.map((view) => `sha256 ${view.meta.sha256}`).join("\n");
  }

  // Marks on the clock's track: of both runs when two are compared, and of the chosen cell.
  mark() {
    const { views, active } = this;
    const marks = [[views[0].meta.trained_loops, "trained", "trained"]];
    for (const view of views) {
      const of = view.letter ? `${view.letter} ` : "";
      marks.push(
        [view.firstRight, "right", `${of}first right`],
        [view.lost?.lost, "lost", `${of}lost`],
        [view.settled > 1 && view.settled, "settled", `${of}last change`],
      );
      if (!view.letter && view.asked[active] && !view.changes[view.loops - 1][active])
        marks.push([view.settledCell[active], "cell", this.words(`${of}this cell settled`)]);
    }
    if (views.length > 1) marks.push([views[0].meta.divergence.first, "versus", "disagree"]);
    this.clock.setMarks(marks);
    this.marked = active;
  }

  say(message) {
    const hand = this.message.contains(document.activeElement); // on the button that goes
    this.message.replaceChildren(
      ...(message ? [message.text, button("✕", "Close this message", () => this.say(null))] : []),
    );
    this.message.className = `ls-message ${message ? `ls-${message.kind}` : ""}`;
    if (hand) this.clock.playButton.focus({ preventScroll: true });
  }

  // ── choosing ────────────────────────────────────────────────────────────────────────────────────────────────────

  get active() {
    return this.hover ?? this.cell;
  }

  // how: "only" this cell, "add" it, "toggle" it, or "move" the cursor there and keep the preview free.
  select(cell, how = "only") {
    if (how === "only" || how === "move") this.selected = new Set([cell]);
    else if (how === "toggle" && this.selected.has(cell) && this.selected.size > 1) {
      this.selected.delete(cell);
      cell = this.cell === cell ? [...this.selected][0] : this.cell;
    } else this.selected.add(cell);
    this.cell = cell;
    this.held = true;
    this.hover = null;
    this.changed();
  }

  preview(cell) {
    if (this.held || cell === this.hover) return;
    this.hover = cell;
    this.changed(false);
  }

  release() {
    this.held = false;
    this.hover = null;
    this.selected = new Set([this.cell]);
    this.changed();
  }

  // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

  pageKey(event) {
    if (event.defaultPrevented || this.dialog?.open) return;
    const target = event.composedPath()[0];
    const { clock } = this;
    const field = target.closest?.("input, select, textarea, [contenteditable]");
    if (field && field !== clock.slider && field.type !== "checkbox") return;
    this.inputKey(event);
    // Windows says Ctrl+Alt for AltGr.
    const bracket = /^[[\]\\]$/.test(event.key) && (event.altKey || event.getModifierState("AltGraph"));
    if (event.defaultPrevented || event.metaKey || ((event.ctrlKey || event.altKey) && !bracket)) return;
    const onButton = target.closest?.("button, summary, a, [role=tab], input[type=checkbox]");
    if (event.code === "Space" && !onButton) clock.toggle();
    else if (event.key === "ArrowLeft" && field !== clock.slider) clock.go(clock.loop - 1);
    else if (event.key === "ArrowRight" && field !== clock.slider) clock.go(clock.loop + 1);
    else if (event.key === "PageUp") clock.go(clock.loop - 1);
    else if (event.key === "PageDown") clock.go(clock.loop + 1);
    else if (event.key === "Home") clock.go(clock.ends[0]);
    else if (event.key === "End") clock.go(clock.ends[1]);
    else if (event.key === "[") clock.bound(0);
    else if (event.key === "]") clock.bound(1);
    else if (event.key === "\\") clock.setRange(null);
    else if (event.key === "?") this.openKeys();
    else if (/^p$/i.test(event.key)) this.present(this.presenting ? null : "board");
    else if (/^n$/i.test(event.key) && this.presenting) this.presentNext(1);
    else if (event.key === "Escape") this.escape();
    else return;
    event.preventDefault();
  }

  // The nearest thing that is open goes first.
  escape() {
    const open = [...this.root.querySelectorAll("details[open]")];
    if (open.length) {
      for (const one of open) {
        if (one.contains(document.activeElement)) one.querySelector("summary").focus();
        one.open = false;
      }
    } else if (this.held) this.release();
    else if (this.presenting)
      this.present(null); // wherever the pointer happens to rest
    else if (this.hover != null) this.release();
  }

  focusBoard(event) {
    (this.boards.find((board) => board.grid === event.currentTarget) ?? this.boards[0]).focus();
  }

  // ── asking the server ───────────────────────────────────────────────────────────────────────────────────────────

  clipboard(event) {
    const target = event.composedPath()[0];
    if (
      this.dialog?.open ||
      target.closest?.("input, select, textarea") ||
      (event.type === "copy" && !getSelection().isCollapsed)
    )
      return;
    event.preventDefault();
    if (event.type === "copy") event.clipboardData.setData("text/plain", this.entry);
    else this.paste(event.clipboardData.getData("text/plain"));
  }

  askLoops() {
    const loops = Number(this.loopsInput.value);
    const most = this.meta.most_loops;
    if (!Number.isInteger(loops) || loops < 1 || loops > most) {
      this.loopsInput.value = this.meta.loops;
      return this.say({ kind: "error", text: `The number of loops must be a whole number from 1 to ${most}.` });
    }
    this.ask({ loops });
  }

  ask(change) {
    clearTimeout(this.typing);
    this.send({
      puzzle: this.entry,
      checkpoint: this.checkpointSelect.value,
      versus: this.versusSelect.value,
      loops: Number(this.loopsInput.value),
      ...change,
      number: ++this.request,
    });
    this.root.setAttribute("data-busy", "");
  }

  openDialog(title, ...content) {
    const close = () => this.dialog.close();
    this.dialog = h(
      "dialog",
      { class: "ls-dialog", "aria-label": title, onclose: (event) => event.target.remove() },
      h("h2", { tabindex: -1, autofocus: true }, title),
      ...content,
    ); // begins at its top, not at the button below
    this.root.append(this.dialog);
    this.dialog.showModal();
    return close;
  }

  openKeys() {
    const close = this.openDialog(
      "Keys",
      h(
        "table",
        {},
        ...this.about.keys.map(([key, words]) => h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, words))),
      ),
      h("button", { type: "button", class: "ls-primary", onclick: () => close() }, "Close"),
    );
  }

  // ── presenting ──────────────────────────────────────────────────────────────────────────────────────────────────

  present(name) {
    const hand = document.activeElement;
    if (name && !this.presenting) this.origin = hand.closest("details")?.querySelector("summary") ?? hand;
    if (!name && this.presenting) this.leaving = true;
    this.presenting = name;
    for (const open of this.root.querySelectorAll("details[open]")) open.open = false;
    this.arrange(this.panels, false);
    requestAnimationFrame(() => this.repaint());
  }

  presentNext(by) {
    const names = ["board", ...this.panels.filter((name) => this.served(name))];
    const at = names.indexOf(this.presenting);
    this.present(names[(at + by + names.length) % names.length]);
  }

  // ── questions ───────────────────────────────────────────────────────────────────────────────────────────────────

  // Somebody wants to know: the panel comes first and into view.
  question(name) {
    for (const open of this.root.querySelectorAll("details[open]")) open.open = false;
    this.arrange([name, ...this.panels.filter((one) => one !== name)]);
    const { root } = this.panelRoots[name];
    if (this.presenting) return this.present(name);
    requestAnimationFrame(() => {
      root.scrollIntoView({ block: "nearest", behavior: this.still.matches ? "auto" : "smooth" });
      (
        root.querySelector(".ls-ask:not([hidden]) button:not([hidden]), .ls-form select") ??
        root.querySelector("summary")
      ).focus({ preventScroll: true });
    });
  }

  asks(panel) {
    return typeof panel.asks === "function" ? panel.asks({ mode: this.modes[panel.name] }) : panel.asks;
  }

  // What is known of a panel's question about run i, its key, and whether it is about another cell than the chosen one.
  asked(panel, i) {
    if (!this.asks(panel)) return [null];
    const view = this.views[i];
    const { name, cell, board } = this.asks(panel);
    const of = (about) =>
      [
        name,
        view.meta.name,
        view.meta.sha256,
        board === false ? "" : this.puzzle,
        view.loops,
        cell ? about.join() : "",
      ].join("|");
    const key = of([this.cell, this.asks(panel).loop ? Math.max(1, view.at(this.clock.loop)) : ""]);
    const own = this.answers.get(key);
    const start = key.slice(0, key.lastIndexOf("|") + 1);
    const answer =
      own ??
      (cell
        ? [...this.answers.known]
            .reverse()
            .find(([other, one]) => other.startsWith(start) && (one.arrays || one.running))?.[1]
        : undefined);
    return [answer?.arrays ? answer : null, key, own, answer];
  }

  askLens(panel, i) {
    const [, key] = this.asked(panel, i);
    const view = this.views[i];
    const query = this.address().searchParams;
    const loop = Math.max(1, view.at(this.clock.loop));
    for (const [name, value] of Object.entries({
      question: this.asks(panel).name,
      checkpoint: view.meta.name,
      puzzle: this.puzzle,
      loops: view.loops,
      cell: this.cell,
      loop,
    }))
      query.set(name, value);
    query.delete("versus");
    this.answers.ask(key, query, { cell: this.cell, loop });
  }

  tellAsked(panel, i, row) {
    const [, , own, shown] = this.asked(panel, i);
    const asks = this.asks(panel);
    row.root.hidden = !asks;
    if (!asks) return;
    const waiting = this.root.hasAttribute("data-busy") || this.entry !== this.puzzle;
    if (asks.auto && !own && !waiting) this.askLens(panel, i);
    const stale =
      !own && shown ? `Shown: ${this.geometry.name(shown.cell)}${asks.loop ? `, loop ${shown.loop}` : ""}.` : null;
    const given =
      asks.free && !own && !this.views[i].asked[this.cell]
        ? this.words("The chosen cell is given: nothing is asked of it. Choose a blank.")
        : null;
    row.update(this.words(asks.words ?? "Compute"), own ?? shown, stale, given);
    if (asks.auto && !own?.error) row.root.hidden = true;
  }

  // What is drawn in space is turned by dragging, or with the slider beside its mode.
  turning(canvas, panel) {
    let last = null;
    let turned = 0;
    canvas.addEventListener("pointerdown", (event) => {
      turned = 0;
      if (this.modes[panel.name] === panel.turns) {
        last = [event.clientX, event.clientY];
        canvas.setPointerCapture(event.pointerId);
      }
    });
    canvas.addEventListener(
      "click",
      (event) => {
        if (turned > 4) event.stopImmediatePropagation();
      },
      { capture: true },
    ); // the end of a drag chooses no cell
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      turned += Math.hypot(event.clientX - last[0], event.clientY - last[1]);
      this.camera = [
        this.camera[0] + (event.clientX - last[0]) / 120,
        clamp(this.camera[1] + (event.clientY - last[1]) / 120, -1.5, 1.5),
      ];
      last = [event.clientX, event.clientY];
      this.changed(false);
    });
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, () => {
        last = null;
      });
  }

  // ── figures to take away ────────────────────────────────────────────────────────────────────────────────────────

  async save(name, kind) {
    const { root } = name === "board" ? { root: this.boardPanel } : this.panelRoots[name];
    for (const open of root.querySelectorAll("details[open]")) open.open = false;
    const file = `${this.meta.runs.map((run) => run.name).join("-vs-")}-${this.called(name).replaceAll(" ", "-")}-loop${this.clock.loop}.${kind}`;
    if (kind === "csv") return download(file, new Blob([this.numbers(name)], { type: "text/csv" }));
    const svg = this.drawing(name);
    if (kind === "svg")
      return download(file, new Blob([svg.text(plainColour(this.colours.background))], { type: "image/svg+xml" }));
    const image = new Image();
    const [width, height] = svg.size;
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    image.src = URL.createObjectURL(
      new Blob([svg.text(plainColour(this.colours.background))], { type: "image/svg+xml" }),
    );
    await image.decode();
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => download(file, blob), "image/png");
  }

  // The server draws the figures for papers; that takes some seconds.
  async exportView() {
    this.say({
      kind: "info",
      text: "The zip is being made: figures, arrays and a script that makes them again. It takes some seconds.",
    });
    const answer = await fetch(`export?${this.address().searchParams}`);
    if (!answer.ok) return this.say({ kind: "error", text: await answer.text() });
    download(/filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1], await answer.blob());
    this.say({ kind: "info", text: "The zip is in your downloads." });
  }

  // The figure of a panel as it stands, all runs side by side, drawn with the strokes that draw it on the screen;
  // above each of them is what the page says around it: whose run, which loop, what is drawn.
  drawing(name) {
    const { views } = this;
    const part = name === "board" ? { width: 400, height: 400 / this.faceRatio } : { width: 480, height: 300 };
    const gap = 20;
    const title = 38;
    const pen = new SvgPen(views.length * part.width + (views.length - 1) * gap + 2, part.height + title + 2);
    views.forEach((view, i) => {
      const panel = this.panelRoots[name]?.panel;
      const seen = this.seen(i, panel);
      if (panel && !view.arrays[panel.needs]) return;
      pen.parts.push(`<g transform="translate(${1 + i * (part.width + gap)} ${1 + title})">`);
      fresh(pen, this.font);
      pen.fillStyle = seen.colours.text;
      pen.fillText(`${view.label}, loop ${view.at(this.clock.loop)} of ${view.loops}`, 0, -24);
      pen.font = `11px ${this.font}`;
      pen.fillStyle = seen.colours.muted;
      pen.fillText(this.words((panel ?? this.face).drawing), 0, -9);
      pen.font = `12px ${this.font}`;
      if (panel) panel.draw(pen, seen, part.width, part.height);
      else this.paintFace(pen, part.width, part.height, seen);
      pen.parts.push("</g>");
    });
    return pen;
  }

  numbers(name) {
    const lines = [];
    const quote = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : value);
    this.views.forEach((view, i) => {
      const seen = this.seen(i, this.panelRoots[name]?.panel);
      const table =
        name === "board"
          ? this.faceTable(view)
          : view.arrays[this.panelRoots[name].panel.needs] && this.panelRoots[name].panel.table(seen);
      if (!table) return;
      const prefix = this.views.length > 1 ? ["checkpoint"] : [];
      if (!lines.length)
        lines.push([...prefix, ...table.columns.map((column) => this.words(column))].map(quote).join(","));
      for (const row of table.rows)
        lines.push([...(prefix.length ? [view.meta.name] : []), ...row].map(quote).join(","));
    });
    return lines.join("\n") + "\n";
  }

  // ── the address bar is the state ────────────────────────────────────────────────────────────────────────────────

  address(more = {}) {
    const url = new URL(location.href);
    const { clock, meta } = this;
    const usual =
      (localStorage.getItem(this.store) ?? this.about.panels.join(",")) === this.panels.join(",") &&
      this.panels.join(",") === this.about.panels.join(",");
    const state = {
      v: LINK,
      puzzle: this.entry,
      checkpoint: meta.runs[0].name,
      versus: meta.versus || null,
      loops: meta.loops,
      loop: clock.loop,
      cell: this.cell,
      head: this.head,
      modes:
        this.all
          .filter((panel) => panel.modes && this.modes[panel.name] !== this.modesOf(panel)[0][0])
          .map((panel) => `${panel.name}-${this.modes[panel.name]}`)
          .join(",") || null,
      show: this.show === "answer" ? null : this.show,
      range: clock.range && clock.range.join("-"),
      panels: usual ? null : this.panels.join(","),
      present: this.presenting,
      hide: this.hidden ? 1 : null,
      ...more,
    };
    for (const [key, value] of Object.entries(state)) {
      if (value == null) url.searchParams.delete(key);
      else url.searchParams.set(key, value);
    }
    url.search = url.search.replaceAll("%2C", ",").replaceAll("%7E", "~").replaceAll("%3D", "=").replaceAll("%40", "@");
    return url;
  }

  // Browsers allow few writes of the address in a short time, so it follows when the clock rests.
  writeAddress() {
    clearTimeout(this.addressing);
    this.addressing = setTimeout(() => {
      if (this.clock.playing || !this.root.isConnected) return;
      const url = this.address();
      if (url.href !== location.href) history.replaceState(history.state, "", url);
      this.exportLink.href = `export?${url.searchParams}`;
    }, 200);
  }

  async copyLink(more = {}) {
    const link = this.address(more).href;
    if (!Object.keys(more).length) history.replaceState(history.state, "", link);
    try {
      await navigator.clipboard.writeText(link);
      this.copyButton.textContent = "Copied";
      this.say({ kind: "info", text: "The link is copied." });
    } catch {
      // pages of most servers without https may not
      const field = h("textarea", { rows: 4, readonly: true, spellcheck: "false", "aria-label": "Link" });
      field.value = link;
      const close = this.openDialog(
        "Copy this link: the browser does not let the page do it",
        field,
        h("button", { type: "button", class: "ls-primary", onclick: () => close() }, "Close"),
      );
      field.select();
    }
    setTimeout(() => {
      this.copyButton.textContent = "Copy link";
    }, 1500);
  }

  // ── painting ────────────────────────────────────────────────────────────────────────────────────────────────────

  changed(address = true) {
    if (!this.meta) return;
    if (address) this.writeAddress();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  repaint() {
    if (!this.meta) return;
    this.clock.spread();
    this.changed(false);
  }

  // How large the panels' drawings are: from the last row their small words must be read, too.
  get scale() {
    return this.zoom * (this.presenting ? 1.45 : 1);
  }

  // What a painter is told of run i.
  seen(i, panel) {
    const { clock, views, meta, geometry } = this;
    return {
      view: views[i],
      views,
      t: clock.loop,
      active: this.active,
      chosen: this.cell,
      hover: this.hover,
      selected: this.selected,
      head: this.head,
      layer: Math.min(this.layer, views[i].meta.layers - 1),
      mode: panel && this.modes[panel.name],
      asked: panel?.asks ? this.asked(panel, i)[0] : null,
      geometry,
      meta,
      solution: this.solution,
      judged: this.judged,
      colours: this.colours,
      font: this.font,
      show: this.show,
      camera: this.camera,
      words: (text) => this.words(text),
      entry: this.entry,
      puzzle: this.puzzle,
      corner: this.corner,
      centre: this.centre,
    };
  }

  paint() {
    const { clock, views } = this;
    const t = clock.loop;
    this.root.classList.toggle("ls-presenting", !!this.presenting);
    this.root.classList.toggle("ls-bare", this.hidden);
    this.readColours();
    clock.paint(Math.max(...views.map((view) => view.meta.trained_loops)));
    if (this.marked !== this.active) this.mark();
    const visible = (name) => !this.presenting || this.presenting === name;
    this.boardPanel.hidden = !visible("board");
    this.boardPanel.dataset.loop = t;
    this.boards.forEach((board, i) => {
      if (visible("board")) board.says.textContent = board.paint(this.seen(i), this.zoom);
    });
    const building = []; // their words are those of the verdict, which comes after
    for (const root of this.side.children) {
      const { panel, drawn } = this.panelRoots[root.dataset.panel];
      root.hidden = !visible(panel.name);
      root.dataset.loop = t;
      if (root.hidden) continue;
      if (panel.build) {
        building.push(this.panelRoots[panel.name].built);
        continue;
      }
      if (panel.turns) {
        this.turnSlider.hidden = this.modes[panel.name] !== panel.turns;
        if (document.activeElement !== this.turnSlider)
          this.turnSlider.value = Math.round(
            (Math.atan2(Math.sin(this.camera[0]), Math.cos(this.camera[0])) * 180) / Math.PI,
          );
      }
      drawn.forEach((part, i) => {
        // Nothing to draw before an answer.
        const blank = typeof panel.blank === "function" ? panel.blank(this.modes[panel.name]) : panel.blank;
        if (panel.blank) part.canvas.hidden = !this.views[i].arrays[panel.needs] || (blank && !this.asked(panel, i)[0]);
        if (part.canvas.hidden) {
          if (blank && this.views[i].arrays[panel.needs]) {
            part.says.textContent = this.words(panel.describe(this.seen(i, panel)));
            this.tellAsked(panel, i, part.row);
          }
          return;
        }
        const { pen, width, height } = canvasPen(part.canvas, this.scale, this.font);
        const seen = this.seen(i, panel);
        panel.draw(pen, seen, width, height);
        part.says.textContent = this.words(panel.describe(seen));
        if (part.row) this.tellAsked(panel, i, part.row);
      });
    }
    this.side.hidden = this.presenting === "board";
    this.stageTitle.textContent = this.presenting
      ? this.presenting === "board"
        ? this.face.title
        : this.words(this.panelRoots[this.presenting].panel.title)
      : "";
    this.verdict.hidden = views.length < 2;
    if (views.length > 1) {
      const { first, recovered: again } = views[0].meta.divergence;
      const differ = views[0].apart(t);
      this.verdict.textContent = this.words(
        `${views[0].outcome()}. ${views[1].outcome()}. ` +
          `${first ? `They first disagree at loop ${first}; ${differ ? `now ${plural(differ, "cell differs", "cells differ")}` : "now no cell differs"}${again ? `; from loop ${again} on they agree` : ""}.` : "They never disagree."}`,
      );
    }
    building.forEach((built) => built.update());
    this.hold.textContent = this.held
      ? `Held: ${this.geometry.name(this.cell)}${this.selected.size > 1 ? ` and ${this.selected.size - 1} more` : ""}. ${this.touch.matches ? "Tap it again to let go." : "Esc lets go."}`
      : `${this.words(this.touch.matches ? "A tap holds a cell" : "Pointing previews a cell, a click holds it")}. Now: ${this.geometry.name(this.active)}.`;
    if (Math.abs(t - this.painted) === 1 && clock.speed <= 6 && !this.still.matches) this.fadeIn();
    this.painted = t;
    if (this.leaving) {
      // presenter mode: the focus goes back to where it was
      this.leaving = false;
      (this.origin?.getClientRects().length ? this.origin : clock.playButton).focus({ preventScroll: true });
    }
    this.root.dataset.traces = this.traces; // how many traces have been painted: tests and benchmarks wait for it
  }

  // Answers that changed in this loop come up softly: the same picture, its new digits from faint to full in an
  // eighth of a second.
  fadeIn() {
    const begun = performance.now();
    const t = this.clock.loop;
    cancelAnimationFrame(this.fading);
    this.root.dataset.fading = "";
    const next = (now) => {
      const fade = Math.min(1, (now - begun) / 125);
      if (this.clock.loop === t && !this.boardPanel.hidden)
        this.boards.forEach((board, i) => board.draw({ ...this.seen(i), fade: 0.25 + 0.75 * fade }, this.zoom));
      if (fade < 1 && this.clock.loop === t) this.fading = requestAnimationFrame(next);
      else delete this.root.dataset.fading;
    };
    next(begun);
  }

  readColours() {
    const style = getComputedStyle(this.root);
    this.colours = readColours(style);
    this.font = style.fontFamily;
    this.zoom = parseFloat(style.fontSize) / 16;
  }
}
