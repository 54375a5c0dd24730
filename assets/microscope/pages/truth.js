// The line that says what was run, and that what is drawn is what the model computes. The run is held against the plain
// forward once the line is on screen: that takes as long as the run itself, and few look.

import { h } from "../core/elements.js";
import { plural, sized, told } from "../core/words.js";
import { askRecorded, knownRecorded } from "./asked.js";

/** @typedef {{ difference: number, faithful: boolean }} Drift */

const PENDING = "Recorded; being held against the plain forward.";
const UNSEEN = "Recorded; held against the plain forward when this line is on screen.";
const SAVED = "Recorded; not held against the plain forward before this page was saved.";

/** @type {(drift: Drift) => string} */
export function driftWords({ difference, faithful }) {
  const said = faithful ? "Recorded = computed:" : "Rounding, amplified by every {loop}, drives two equal runs apart:";
  const apart = difference ? difference.toExponential(1) : "0";
  return `${said} max |Δ| ${apart} between the hidden states of the recorded and the plain forward`;
}

/** @type {(run: import("../core/state.js").Run, loops: number) => string} */
function runWords({ meta, views, bytes, terms }, loops) {
  const models = views.map(({ meta: { label, sha256, parameters } }) => {
    return `${label}, weights sha256 ${sha256.slice(0, 12)}, ${parameters.toLocaleString("en")} parameters`;
  });
  const types = "attention and scales in 8 bits, probabilities and paths in 16, residuals in 32";
  const size = `sent once: ${sized(bytes.length)}, ${types}`;
  return `${told(plural(loops, "{loop}"), terms)} · ${models.join(" · ")} · float32 on ${meta.device} · ${size}`;
}

/** The line itself. */
export class Truth {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.seen = false; // whether it is on screen
    this.root = h("p", { class: "ls-badge", "data-testid": "truth-badge" });
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.seen = isIntersecting;
      if (isIntersecting && this.page.requests.settled) this.ask(true);
      this.tell();
    }).observe(this.root);
  }

  // What is known of every run: the message's, or the answers.
  /** @returns {{ drift: Drift|null, said: string }} */
  found() {
    const { run } = this.page.state;
    if (run.meta.drift.difference !== null) return { drift: run.meta.drift, said: "" };
    const known = run.views.map((_, i) => knownRecorded(this.page, i).own);
    if (known.every((answer) => answer?.meta)) {
      const differences = known.map(({ arrays }) => arrays.difference.values[0]);
      const drift = { difference: Math.max(...differences), faithful: known.every(({ meta }) => meta.faithful) };
      return { drift, said: "" };
    }
    const error = known.find((answer) => answer?.error)?.error;
    if (error) return { drift: null, said: `Recorded; not held against the plain forward: ${error}` };
    if (!this.page.host.ask) return { drift: null, said: SAVED };
    return { drift: null, said: known.some((answer) => answer?.running) ? PENDING : UNSEEN };
  }

  // Ask what is not known; resolves when all is answered, or cannot be. again: what could not be answered, too.
  /** @type {(again?: boolean) => Promise<void>} */
  async ask(again = false) {
    const { page } = this;
    const { run } = page.state;
    if (!page.host.ask || run.meta.drift.difference !== null) return;
    const known = run.views.map((_, i) => knownRecorded(page, i).own);
    const open = known.flatMap((answer, i) => (!answer || (again && answer.error) ? [i] : []));
    await Promise.all(open.map((i) => askRecorded(page, i)));
  }

  tell() {
    const { state, clock, requests } = this.page;
    const { run } = state;
    if (!run.meta) return;
    if (this.seen && requests.settled) this.ask();
    const { drift, said } = this.found();
    this.root.classList.toggle("ls-drift", drift?.faithful === false);
    this.root.textContent = `${drift ? told(driftWords(drift), run.terms) : said} · ${runWords(run, clock.loops)}`;
    this.root.title = run.views.map((view) => `sha256 ${view.meta.sha256}`).join("\n");
  }
}
