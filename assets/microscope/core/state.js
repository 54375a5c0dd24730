// What a page shows, in one place: the runs, what is chosen in them, how they are looked at, what is typed.

import { clamp } from "./words.js";

export class State {
  /**
   * @param {string[]} panels shown on a first visit
   * @param {Object<string, string>} modes what each panel with modes shows first
   */
  constructor(panels, modes) {
    // The last message: its meta, one view a run, where positions stand, the one right answer if there is one.
    this.run = { meta: null, views: [], geometry: null, puzzle: "", solution: null, judged: false, traces: 0 };
    // The position that is chosen, all that are selected, whether a click holds it, the one under the pointer.
    this.choice = { cell: 0, selected: new Set([0]), held: false, hover: null };
    // How it is drawn. head null: all heads side by side. camera: turned and tilted, in radians.
    this.look = { show: "answer", head: null, layer: 0, modes, camera: [0.6, 0.4] };
    // Which panels in which order; the one that is presented alone; whether the controls are hidden.
    this.layout = { panels, presenting: null, hidden: false };
    // What the person has typed, as the server reads it, and the number of the last request that was sent. A page
    // keeps more here.
    this.typed = { entry: "", request: 0 };
  }

  // The position that the panels are about: the one under the pointer, else the chosen one.
  get active() {
    return this.choice.hover ?? this.choice.cell;
  }

  // A new message.
  setRun({ meta, views, geometry, bytes }) {
    this.run = {
      meta,
      views,
      geometry,
      puzzle: meta.puzzle,
      solution: meta.solution && Array.from(meta.solution, Number),
      judged: meta.judged ?? !!meta.solution,
      bytes,
      traces: this.run.traces,
    };
  }

  // Heads, layers and the comparison that the runs do not have are no longer chosen.
  fit() {
    const { look } = this;
    const { meta, views } = this.run;
    if (look.head != null && look.head >= meta.runs[0].heads) look.head = null;
    if (look.layer >= meta.runs[0].layers) look.layer = 0;
    if (look.show === "versus" && views.length < 2) look.show = "answer";
  }

  // Choose a position. how: "only" this one, "add" it, or "toggle" it.
  select(cell, how = "only") {
    const { choice } = this;
    let chosen = cell;
    if (how === "only") choice.selected = new Set([cell]);
    else if (how === "toggle" && choice.selected.has(cell) && choice.selected.size > 1) {
      choice.selected.delete(cell);
      chosen = choice.cell === cell ? [...choice.selected][0] : choice.cell;
    } else choice.selected.add(cell);
    choice.cell = chosen;
    choice.held = true;
    choice.hover = null;
  }

  // The position under the pointer, null for none; true when that changed what is seen.
  preview(cell) {
    const { choice } = this;
    if (choice.held || cell === choice.hover) return false;
    choice.hover = cell;
    return true;
  }

  release() {
    this.choose(this.choice.cell);
    this.choice.held = false;
  }

  // Choose one position without holding it, within the present geometry.
  choose(cell) {
    const at = this.run.geometry ? clamp(cell, 0, this.run.geometry.n - 1) : cell;
    Object.assign(this.choice, { cell: at, selected: new Set([at]), hover: null });
  }

  // What survives a switch to another page and back.
  kept() {
    const { choice, look, layout } = this;
    return { cell: choice.cell, held: choice.held, look: { ...look }, panels: layout.panels, hidden: layout.hidden };
  }
}
