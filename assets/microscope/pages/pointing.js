// What a step of a lesson points at: controls, panels, cells of the board, a loop of the clock. It is marked where it
// stands, and nothing of it is left when the step is left.

/** @typedef {import("../core/types.js").LessonGround} LessonGround */

/** Marks what is pointed at. */
export class Pointing {
  /** @param {LessonGround} ground */
  constructor(ground) {
    this.ground = ground;
    Object.assign(this, { names: [], cells: new Set(), loops: [], marked: [] });
  }

  // Point at these, and at nothing else: "play", "convergence", "cells 3 4", "loop 7".
  /** @type {(names: string[]) => void} */
  point(names) {
    const numbered = names.map((name) => name.split(" "));
    const of = (word) => numbered.filter(([first]) => first === word).flatMap(([, ...rest]) => rest.map(Number));
    this.names = names.filter((name) => !name.includes(" "));
    this.cells = new Set(of("cells"));
    this.loops = of("loop");
    this.tell();
  }

  // Panels come and go, so they are looked for again with every picture.
  tell() {
    const found = this.names.map((name) => this.ground.target(name)).filter(Boolean);
    for (const element of this.marked) if (!found.includes(element)) element.classList.remove("ls-pointed");
    for (const element of found) element.classList.add("ls-pointed");
    this.marked = found;
  }
}
