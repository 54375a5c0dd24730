// Asking the server for another run, and waiting for it. Only the last request counts: each has a number, and the
// message that answers it has the same.

import { whereKept } from "../core/links.js";
import { reachable, Resending } from "./resending.js";

const IDLE = 400; // milliseconds without an edit after which the next is asked at once

/** Asks for runs and waits for them. */
export class Requests {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    const waiting = () => this.busy && page.root.isConnected;
    this.resending = new Resending({ waiting, again: () => this.again(), alive: reachable, away: () => this.away() });
  }

  /** @type {import("../core/state.js").Asking} */
  get asking() {
    return this.page.state.asking;
  }

  // Ask for what is typed and chosen, with this changed.
  /** @type {(change: object) => void} */
  send(change) {
    const { page } = this;
    this.forget();
    if (this.refused()) return;
    page.state.travel.link = null;
    this.asking.asked = { puzzle: page.typedText(), ...page.bar.chosen, ...change };
    page.root.setAttribute("data-busy", "");
    this.again();
    this.asking.first = page.state.typed.request;
    this.resending.begin();
  }

  // Ask for the same under a new number.
  again() {
    this.asking.last = ++this.page.state.typed.request;
    this.page.host.send({ ...this.asking.asked, number: this.asking.last });
  }

  // Whether the answer to a request is that to the last one: over a slow line it may come under an earlier number than
  // that under which the same was asked again.
  /** @type {(number: number) => boolean} */
  answers(number) {
    const { request } = this.page.state.typed;
    return number >= (request === this.asking.last ? this.asking.first : request);
  }

  // The server is away: no run of what is typed is on its way. The next answer takes the words back.
  /** @type {() => void} */
  away() {
    const { page } = this;
    page.state.run.refused = true;
    page.say({ kind: "warning", text: "The server cannot be reached. What you entered is run as soon as it is back." });
    page.changed(false);
  }

  // Ask when the hand has rested for `pause` milliseconds; the first of several edits does not wait.
  /** @type {(pause: number, ask: () => void) => void} */
  soon(pause, ask) {
    const now = performance.now();
    const idle = !this.busy && now - this.asking.edited > IDLE;
    this.asking.edited = now;
    this.after(idle ? 0 : pause, ask);
  }

  // Ask at once, or as soon as the answer that is waited for is here: a hand that goes on moving is followed as fast
  // as the server answers, and where it came to rest is always asked.
  /** @type {(ask: () => void) => void} */
  follow(ask) {
    this.page.state.travel.link = null;
    if (this.busy) this.asking.next = ask;
    else ask();
  }

  // Whether the hand has moved on since the request that is being answered.
  /** @type {boolean} */
  get behind() {
    return this.asking.next != null;
  }

  // Ask in `pause` milliseconds. Answers to earlier requests are out of date from now on.
  /** @type {(pause: number, ask: () => void) => void} */
  after(pause, ask) {
    const { typed, travel } = this.page.state;
    typed.request++;
    travel.link = null;
    this.forget();
    this.page.root.setAttribute("data-waiting", "");
    this.waiting = setTimeout(() => {
      this.forget();
      ask();
    }, pause);
  }

  // Do not ask for what was typed.
  forget() {
    clearTimeout(this.waiting);
    this.page.root.removeAttribute("data-waiting");
    this.asking.next = null;
  }

  // A saved page shows what was run; says so where something else is asked for.
  /** @type {() => boolean} */
  refused() {
    const { page } = this;
    if (page.host.send) return false;
    const runs = page.state.run.views.length > 1 ? "two runs" : "one run";
    const text = `${whereKept(page.host)}: it shows ${runs}. Another input or model needs the app.`;
    page.say({ kind: "info", text });
    return true;
  }

  /** @type {boolean} */
  get busy() {
    return this.page.root.hasAttribute("data-busy");
  }

  // Nothing of what stands on the page waits to be run: what is on screen answers it, if only with another run.
  /** @type {boolean} */
  get settled() {
    const { run, typed } = this.page.state;
    if (!run.meta || this.busy || this.page.root.hasAttribute("data-waiting")) return false;
    return run.refused || typed.entry === run.puzzle;
  }

  arrived() {
    const { asking } = this;
    const { next } = asking;
    this.page.root.removeAttribute("data-busy");
    asking.next = null;
    next?.();
  }
}
