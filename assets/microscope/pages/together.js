// A class together: this page leads one, or follows it. The server tells what has changed (ask/classes.js); who a page
// is in its class, it keeps until its tab is closed. In a class nothing is revealed before the teacher reveals it, not
// even to who has answered. Its elements are in togetherbar.js.

import { TogetherBar } from "./togetherbar.js";

/** @typedef {import("./lesson.js").Lesson} Lesson */
/** @typedef {import("../core/types.js").ClassTold} Told */

const STORE = "loopscope.class"; // who this tab is in its class
const LED = "loopscope.class.led"; // the class that this browser leads: a tab that was closed can be opened anew
const WENT = "loopscope.class.went"; // the view for which it went to another page last
const OFTEN = 250; // milliseconds between two views that a teacher's page tells
const FIRST = 500; // milliseconds before a page asks again that lost its class
const LONGEST = 8000;
const SILENT = 25_000; // milliseconds without a word, though the server says something every ten seconds
const AWAY = 1500; // milliseconds in which another page of the app takes over from one that goes
const OWN = ["present", "hide", "class"]; // of a link: how a screen shows a view, not what is seen
let going = null; // a timer: the teacher's page has gone, and no other has come yet
let leading = null; // what listens for the teacher while a page without a clock is there; the class is led by it still

/** @type {(memory: Storage, name: string) => { code: string, key?: string, student?: string }|null} what was kept */
function keptIn(memory, name) {
  try {
    return JSON.parse(memory.getItem(name) ?? "null");
  } catch {
    return null; // no storage, or something else wrote there
  }
}

/**
 * A page without a clock was opened by its address: who leads a class in this tab leads it still, and the class is told
 * why it stays.
 * @type {(source: Pick<import("../core/types.js").ClassSource, "send"|"hear"|"memory">) => Promise<void>}
 */
export async function leadOn(source) {
  const { code, key } = keptIn(source.memory, STORE) ?? {};
  if (!key || leading) return;
  const control = new AbortController();
  leading = { rest: () => control.abort() };
  hearing(source, { do: "listen", code, key }, control, ({ ended }) => ended && control.abort());
  try {
    await source.send({ do: "away", code, key });
  } catch (error) {
    if (!error.gone) throw error; // that a class has ended is said by the page that leads it next
  }
}

// What the class is told, until the server ends it, cannot be reached any more, or is silent for too long.
/** @type {(source: Pick<import("../core/types.js").ClassSource, "hear">, message: object, signal: AbortSignal)
 *   => AsyncGenerator<Partial<Told>>} */
async function* heardOnce(source, message, signal) {
  const control = new AbortController(); // AbortSignal.any is not in browsers that a class may still have
  const stop = () => control.abort();
  signal.addEventListener("abort", stop);
  let timer = null;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, SILENT);
  };
  wait();
  try {
    for await (const news of source.hear(message, control.signal)) {
      wait();
      yield news;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

// Hear what the class is told, again and again. Returns what is wrong, in a sentence, where it is of no use to go on.
// lost: told whether the server can be reached, whenever that is known.
/** @type {(source: Pick<import("../core/types.js").ClassSource, "hear">, message: object, control: AbortController,
 *   heard: (news: Partial<Told>) => void, lost?: (is: boolean) => void) => Promise<string|null>} */
async function hearing(source, message, { signal }, heard, lost = () => {}) {
  let wait = FIRST;
  while (!signal.aborted) {
    try {
      for await (const news of heardOnce(source, message, signal)) {
        if (signal.aborted) return null;
        lost(false);
        if (news.error) throw Object.assign(new Error(news.error), { gone: false });
        wait = FIRST;
        heard(news);
      }
    } catch (error) {
      if (signal.aborted) return null;
      if (error.gone) return error.message;
      lost(error.gone === undefined); // else the server has answered
    }
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(2 * wait, LONGEST);
  }
  return null;
}

/** The class of a page, if it is in one. */
export class Together {
  /** @param {Lesson} lesson */
  constructor(lesson) {
    this.lesson = lesson;
    this.page = lesson.page;
    this.bar = new TogetherBar(this);
  }

  /** @type {import("../core/state.js").Together} */
  get now() {
    return this.page.state.together;
  }

  /** @type {Partial<Told>} */
  get told() {
    return this.now.told;
  }

  /** @type {import("../core/types.js").ClassSource|null} */
  get source() {
    return this.page.host.classes ?? null;
  }

  /** @type {boolean} */
  get on() {
    return !!this.now.code;
  }

  /** @type {boolean} */
  get teaching() {
    return !!this.now.key;
  }

  // What a message of this page begins with.
  /** @type {(what: string, more?: object) => object} */
  message(what, more = {}) {
    const { code, key, student } = this.now;
    return { do: what, code, ...(key ? { key } : { student }), ...more };
  }

  // ── coming and going ────────────────────────────────────────────────────────────────────────────────────────────

  // The page is there: go on in the class of this tab, or join the one that the link names.
  /** @type {(query: URLSearchParams) => void} */
  begin(query) {
    if (!this.source) return;
    clearTimeout(going);
    leading?.rest();
    leading = null;
    const named = query.get("class")?.toLowerCase() ?? null;
    const kept = keptIn(this.source.memory, STORE);
    const known = kept && (!named || kept.code === named);
    if (known && kept.student && this.leads(kept.code)) this.joinAnew(kept, !!named);
    else if (known) this.enter(kept, !!named);
    else if (named) this.join(named);
  }

  // Whether this browser leads a class, perhaps in another tab.
  /** @type {(code: string) => boolean} */
  leads(code) {
    return keptIn(this.page.host.memory, LED)?.code === code;
  }

  // A tab in which the teacher looked at what students see: where the page that led is gone, it leads from now on.
  /** @type {(kept: { code: string, student?: string }, named: boolean) => Promise<void>} */
  async joinAnew(kept, named) {
    const { code, student } = kept;
    try {
      await this.source.send({ do: "leave", code, student });
    } catch (error) {
      if (!error.gone) return this.enter(kept, named); // the server cannot be reached: go on as before
    }
    await this.join(code);
  }

  /** @type {(name: string, value: string|null, memory?: Storage|null) => void} */
  keep(name, value, memory = this.source.memory) {
    try {
      if (value === null) memory.removeItem(name);
      else memory.setItem(name, value);
    } catch {
      // a browser without storage: the class is left with the page
    }
  }

  // Start a class on this page. Returns what is wrong, in a sentence, null where it began.
  /** @type {() => Promise<string|null>} */
  async start() {
    try {
      const { code, key, link, qr } = await this.source.send({ do: "start", root: this.page.host.root.href });
      this.now.invitation = { link, qr };
      this.enter({ code, key });
      return null;
    } catch (error) {
      return error.message;
    }
  }

  // Join a class; the one that this browser leads and whose page has gone is led again, at the view where it stays.
  // Returns what is wrong, in a sentence.
  /** @type {(code: string) => Promise<string|null>} */
  async join(code) {
    const key = keptIn(this.page.host.memory, LED)?.key;
    try {
      this.enter(await this.source.send({ do: "join", code, key }), true);
      return null;
    } catch (error) {
      this.page.say({ kind: "error", text: error.message });
      return error.message;
    }
  }

  // back: who leads the class comes by its link, which names no view: the page goes where the class is, and tells
  // nothing before it knows where that is.
  /** @type {(who: { code: string, key?: string, student?: string }, back?: boolean) => void} */
  enter({ code, key = null, student = null }, back = false) {
    const known = { told: {}, followed: null, sent: null, revealing: null, back: back && !!key, lost: false };
    Object.assign(this.now, { code, key, student, ...known });
    if (this.now.back) this.keep(WENT, null);
    this.keep(STORE, JSON.stringify({ code, key: key ?? undefined, student: student ?? undefined }));
    if (key) this.keep(LED, JSON.stringify({ code, key }), this.page.host.memory);
    this.bar.show();
    this.lesson.reload();
    this.hear();
    this.tell();
  }

  // The page goes; the class goes on. Where a page comes that has no clock, the class is told why it stays.
  detach() {
    clearTimeout(going);
    if (!this.teaching) {
      this.rest();
      return;
    }
    clearTimeout(this.telling);
    leading?.rest();
    leading = this;
    going = setTimeout(() => this.deed("away"), AWAY);
  }

  // Hear and tell nothing more.
  rest() {
    this.hearing?.abort();
    clearTimeout(this.telling);
  }

  // End the class, or leave it.
  async leave() {
    const message = this.message(this.teaching ? "end" : "leave");
    this.over(null);
    try {
      await this.source.send(message);
    } catch (error) {
      if (!error.gone) this.page.say({ kind: "error", text: error.message });
    }
  }

  // This page is in no class any more.
  /** @type {(text: string|null) => void} */
  over(text) {
    this.rest();
    if (this.teaching) this.keep(LED, null, this.page.host.memory);
    Object.assign(this.now, { code: null, key: null, student: null, told: {}, followed: null, invitation: null });
    this.keep(STORE, null);
    this.bar.show();
    if (!this.lesson.reveal) this.lesson.reload(); // what was revealed to the class stays
    if (text) this.page.say({ kind: "info", text, stays: true });
  }

  // ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async hear() {
    this.hearing?.abort();
    this.hearing = new AbortController();
    const heard = (news) => this.heard(news);
    const gone = await hearing(this.source, this.message("listen"), this.hearing, heard, (is) => this.lose(is));
    if (gone) this.over(gone);
  }

  // Whether the server cannot be reached: what the strip says of the class may hold no longer.
  /** @type {(is: boolean) => void} */
  lose(is) {
    if (this.now.lost === is) return;
    this.now.lost = is;
    this.bar.show();
  }

  /** @type {(news: Partial<Told>) => void} */
  heard(news) {
    Object.assign(this.told, news);
    if (this.told.ended) {
      this.over("The class has ended. What you see stays, and is yours.");
      return;
    }
    if (!Object.keys(news).length || leading === this) return;
    this.bar.show();
    if (news.quiz && !this.teaching) this.bar.tellQuiz();
    if (this.now.back) this.comeBack();
    if (!this.teaching && ("view" in news || "follows" in news)) this.follow();
    this.settle();
  }

  // ── leading and following ───────────────────────────────────────────────────────────────────────────────────────

  // Go where the class is; where it has not been anywhere yet, it comes here. On the way nothing is told: what is still
  // on the page is not what the class sees.
  comeBack() {
    const { page } = this;
    const { view } = this.told;
    this.now.back = false;
    if (view) this.goTo(new URL(view.slice(1), page.host.root), this.now);
    const there = () => {
      this.telling = null;
      page.changed();
    };
    this.telling = setTimeout(there, view ? AWAY : 0);
  }

  // Something has changed on the teacher's page: the class is told of it in a moment.
  tell() {
    if (!this.teaching || this.telling || this.now.back) return;
    this.telling = setTimeout(() => {
      this.telling = null;
      this.show();
    }, OFTEN);
  }

  show() {
    const { host, link } = this.page;
    const url = link.link();
    for (const name of OWN) url.searchParams.delete(name);
    const view = `/${url.href.slice(host.root.href.length)}`;
    if (!this.teaching || view === this.now.sent) return;
    this.now.sent = view;
    this.deed("show", { view });
  }

  // Tell the server; what is wrong is said on the page.
  /** @type {(what: string, more?: object) => Promise<boolean>} */
  async deed(what, more) {
    try {
      await this.source.send(this.message(what, more));
      return true;
    } catch (error) {
      this.page.say({ kind: "error", text: error.message });
      return false;
    }
  }

  // Go where the teacher is; of the same view only the clock moves.
  follow() {
    const { page, now } = this;
    const { view, follows } = this.told;
    if (!view || !follows) return;
    this.goTo(new URL(view.slice(1), page.host.root), now);
  }

  /** @type {(url: URL, now: import("../core/state.js").Together) => void} */
  goTo(url, now) {
    const { page } = this;
    const loop = Number(url.searchParams.get("loop") ?? 0);
    const rest = new URL(url);
    rest.searchParams.delete("loop");
    if (rest.href === now.followed) {
      if (this.astray) return; // another view than the teacher's is on this page
      page.clock.pause();
      page.clock.go(loop);
      page.link.opensAt(loop);
      return;
    }
    now.followed = rest.href;
    page.clock.pause();
    page.clock.setRange(null);
    const { ground } = this.lesson;
    if (url.pathname !== ground.path) {
      if (this.source.memory.getItem(WENT) === rest.href) return; // it has been there, and was sent on
      this.keep(WENT, rest.href);
    } else {
      this.keep(WENT, null);
      ground.prepare(url.searchParams);
    }
    page.link.follow(url);
  }

  // Whether this student has gone to another step than the teacher, though pages follow.
  /** @type {boolean} */
  get astray() {
    const { view, follows, away } = this.told;
    if (this.teaching || !view || !follows || away) return false;
    const { name, number } = this.lesson;
    const query = new URL(view.slice(1), this.page.host.root).searchParams;
    return name !== query.get("lesson") || (!!name && number !== Number(query.get("step") ?? 1));
  }

  // ── a question ──────────────────────────────────────────────────────────────────────────────────────────────────

  // Whether a step of a lesson is the class's, so that it is answered and revealed together. Before the server has told
  // anything, it is.
  /** @type {(name: string, number: number) => boolean} */
  has(name, number) {
    const { ask, follows } = this.told;
    return this.on && (this.teaching || follows !== false || (ask?.lesson === name && ask.step === number));
  }

  // The class is at this step now.
  /** @type {(name: string, number: number) => boolean} */
  at(name, number) {
    const { ask } = this.told;
    return this.on && ask?.lesson === name && ask.step === number;
  }

  // The question of this step is being revealed, and what happens is not measured yet.
  /** @type {boolean} */
  get measuring() {
    const { name, number } = this.lesson;
    const told = this.at(name, number) && this.told.ask.measuring;
    return told || this.now.revealing === `${name} ${number}`;
  }

  // What is revealed of a step, null before it is.
  /** @type {(name: string, number: number) => Promise<object|null>} */
  async revealOf(name, number) {
    const { ask } = this.told;
    if (!this.at(name, number) || !ask.told) return null;
    const { bars, mine } = ask; // both are the page's own: they outlast the class
    if (this.teaching) return { ...ask.told, bars };
    if (mine == null) return { ...ask.told, bars, guess: null, result: "none" };
    const reveal = await this.lesson.source.guess(name, number, mine);
    if (this.lesson.name === name) this.lesson.remember(number, mine);
    return { ...reveal, bars };
  }

  // Answer; on the teacher's page: reveal to all.
  /** @type {(guess: unknown) => Promise<void>} */
  async commit(guess) {
    const { name, number } = this.lesson;
    const more = { lesson: name, step: number, guess };
    if (this.teaching) {
      this.show();
      this.now.revealing = `${name} ${number}`;
    }
    try {
      await this.source.send(this.teaching ? this.message("reveal", { guess }) : this.message("answer", more));
    } catch (error) {
      this.now.revealing = null;
      if (error.unreached) this.lose(true);
      this.lesson.column.refuseFor(error);
    }
  }

  // The question of the class has changed: reveal what may be revealed, and say what is waited for.
  async settle() {
    const { lesson } = this;
    this.bar.show();
    const { name, number, step } = lesson;
    if (!step?.ask || step.number !== number || lesson.reveal || !this.has(name, number)) return;
    let reveal;
    try {
      reveal = await this.revealOf(name, number);
    } catch (error) {
      this.page.say({ kind: "error", text: error.message });
      return;
    }
    if (lesson.name !== name || lesson.number !== number || lesson.reveal) return;
    if (reveal) lesson.uncover(reveal);
    else this.bar.showQuestion();
  }
}
