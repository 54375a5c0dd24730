// The address of a page is its state: what a link, an earlier visit or the browser's memory ask for when the page
// opens, and the link to what it shows.

import { h, relabel } from "../core/elements.js";
import { Link, linkTo, opensWith, runOf, sameRun } from "../core/links.js";

const REST = 200; // milliseconds after which the address follows

/** What a link asks for when the page opens, and the link to what it shows. */
export class Address {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @type {import("../core/state.js").Travel} */
  get travel() {
    return this.page.state.travel;
  }

  // ── a page opens ────────────────────────────────────────────────────────────────────────────────────────────────

  begin() {
    const { page } = this;
    const { state } = page;
    const link = new Link(opensWith(page.host));
    const { answers, typed, text, ...left } = page.remembered;
    const before = this.taught(link) ? {} : left;
    state.typed.request = state.run.meta.request;
    this.beginAt(link, before);
    this.beginLook(link, before);
    if (answers) page.answers.known = answers;
    if (page.host.answers) page.answers.add(page.host.answers);
    if (typed && text === this.arriving()) page.recall(typed);
    this.beginRange(link, before);
    page.panels.begin(link, before);
    this.warn(link);
  }

  // Whether a link leads to a step of a lesson. What it does not say of the look is then as on a first visit, whatever
  // was seen here before: the sentences of the step speak of that.
  /** @type {(link: Link) => boolean} */
  taught(link) {
    if (!link.has("lesson")) return false;
    this.page.lesson.ground.prepare(link.query);
    return true;
  }

  arriving() {
    const { meta } = this.page.state.run;
    return meta.entry ?? meta.puzzle;
  }

  beginAt(link, before) {
    const { page } = this;
    const { state, clock } = page;
    const { geometry } = state.run;
    const last = geometry.n - 1;
    clock.loop = link.whole("loop", clock.loops) ?? Math.min(before.loop ?? this.firstLoop(link), clock.loops);
    const cell = link.whole("cell", last) ?? Math.min(before.cell ?? Math.max(0, page.firstCell()), last);
    const drawn = !!geometry.spot(cell); // padding is not
    if (!drawn) link.trouble.push(`{place} ${cell}`);
    state.choose(drawn ? cell : page.firstCell());
    state.choice.held = link.has("cell") || before.held || false;
  }

  // Where a link opens that names no loop: after the last of the run that it asks for, and before the first where it
  // asks for none, or where its input is wrong. A saved page has one run.
  firstLoop(link) {
    const { host, state, clock } = this.page;
    const asks = link.has("puzzle") || link.has("loops");
    return host.ask && (!asks || state.run.meta.message?.kind === "error") ? 0 : clock.loops;
  }

  beginRange(link, before) {
    const { clock } = this.page;
    const range = link.range(clock.loops);
    if (range) {
      clock.setRange(range);
      if (!link.has("loop")) [clock.loop] = range;
    } else if (!link.has("range")) clock.range = before.range ?? null;
  }

  beginLook(link, before) {
    const { page } = this;
    const { look, layout, run } = page.state;
    const old = before.look ?? {};
    const names = ["board", ...page.all.map((panel) => panel.name)];
    const shows = page.spec.shows.map(([name]) => name);
    look.head = link.whole("head", run.meta.runs[0].heads - 1) ?? old.head ?? null;
    look.layer = old.layer ?? 0;
    look.show = link.one("show", shows, `${page.words("{a input}")} that shows`) ?? old.show ?? "answer";
    look.camera = old.camera ?? look.camera;
    layout.presenting = link.one("present", names, "a panel called");
    layout.hidden = link.has("hide") ? link.query.get("hide") === "1" : (before.hidden ?? false);
    const withModes = page.all.filter((panel) => panel.modes);
    const allowed = Object.fromEntries(
      withModes.map((panel) => [panel.name, page.panels.modesOf(panel).map(([name]) => name)]),
    );
    Object.assign(look.modes, old.modes, link.modes(allowed));
    page.beginChosen(link, old);
  }

  warn({ inVain }) {
    const { page } = this;
    this.travel.trouble = inVain ? { kind: "warning", text: page.words(inVain) } : null;
    if (inVain) page.say(this.travel.trouble);
  }

  // ── the link to what is shown ───────────────────────────────────────────────────────────────────────────────────

  /** @type {(more?: Object<string, string|number>) => URL} */
  link(more = {}) {
    const { page } = this;
    const { run, choice, look, layout } = page.state;
    const { clock } = page;
    const first = page.panels.firstModes();
    const modes = page.all.filter(({ modes }) => modes).map((panel) => [panel.name, page.panels.modeOf(panel)]);
    const changed = modes.filter(([name, mode]) => mode !== first[name]);
    return linkTo(location.href, {
      puzzle: page.state.typed.entry,
      entered: page.entered(),
      checkpoint: run.meta.runs[0].name,
      versus: run.meta.versus || null,
      loops: run.meta.loops,
      loop: clock.loop,
      cell: choice.cell,
      head: look.head,
      modes: changed.map((pair) => pair.join("-")).join(",") || null,
      show: look.show === "answer" ? null : look.show,
      range: clock.range && clock.range.join("-"),
      panels: page.panels.usual() ? null : layout.panels.join(","),
      present: layout.presenting,
      hide: layout.hidden ? 1 : null,
      ...page.chosen(),
      ...page.lesson.chosen(),
      class: null, // the tab knows it, and who copies a link invites nobody
      ...more,
    });
  }

  // Browsers limit how often the address may be written, so it follows when the clock rests; a new run is written at
  // once. Every run before is an entry of the browser's history.
  write() {
    const { page, travel } = this;
    if (!travel.link) page.lesson.together.tell();
    const run = runOf(this.link().searchParams);
    const waits = page.clock.playing && (sameRun(run, travel.written) || sameRun(run, travel.coming));
    if (waits || travel.link) return;
    travel.coming = run;
    page.root.setAttribute("data-writing", "");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => page.root.isConnected && this.put(), REST);
  }

  put() {
    const { page, travel } = this;
    const url = this.link();
    const run = runOf(url.searchParams);
    const step = travel.written && !sameRun(run, travel.written);
    Object.assign(travel, { written: run, coming: null });
    page.root.removeAttribute("data-writing");
    if (page.bar.exportLink) page.bar.exportLink.href = `export?${url.searchParams}`;
    if (!page.host.links || url.href === location.href) return;
    if (step) history.pushState(history.state, "", url);
    else history.replaceState(history.state, "", url);
  }

  // ── back and on ─────────────────────────────────────────────────────────────────────────────────────────────────

  // The browser went to another entry of its history. Within this page the event is kept from Streamlit, which would
  // run the page's script again.
  /** @type {(event: PopStateEvent) => void} */
  went(event) {
    if (location.pathname !== this.travel.path || !this.page.host.send) return;
    event.stopImmediatePropagation();
    this.showAsked();
  }

  // Show what the address bar asks for, and the panels that it names where they are followed at once.
  /** @type {(panels?: boolean) => void} */
  showAsked(panels = false) {
    const { page, travel } = this;
    const link = new Link(location.search);
    if (!travel.offered && (this.taught(link) || panels)) page.panels.follow(link);
    const run = runOf(link.query);
    clearTimeout(this.resting);
    page.root.removeAttribute("data-writing");
    page.requests.forget();
    page.lesson.came(link.query);
    if (run && !sameRun(run, runOf(this.link().searchParams))) {
      const { versus } = run;
      const { chosen } = page.bar; // what a link does not say that was typed or pasted
      const checkpoint = run.checkpoint || chosen.checkpoint;
      const usual = travel.offered ? chosen.loops : "usual";
      const puzzle = page.textOf(run.puzzle, run.entered);
      page.requests.send({ puzzle, checkpoint, versus, loops: run.loops === "" ? usual : Number(run.loops) });
      travel.link = link;
      return;
    }
    travel.link = link;
    this.arrived();
    page.fillControls(false);
    page.changed();
  }

  // The run of the entry has arrived: set the rest of the view as the entry has it.
  arrived() {
    const { page, travel } = this;
    const { link, offered } = travel;
    if (!link) return;
    Object.assign(travel, { link: null, offered: false });
    const { message, entry } = page.state.run.meta;
    if (offered && message?.kind === "error" && !entry) return; // what was pasted is not shown: all stays as it was
    if (offered) {
      this.taught(link);
      page.panels.follow(link);
    }
    const now = { range: null, ...page.state.kept() };
    const { presenting } = page.state.layout;
    this.beginAt(link, now);
    this.beginLook(link, now);
    this.beginRange(link, now);
    page.state.choice.held = now.held;
    Object.assign(page.state.layout, { presenting, hidden: now.hidden });
    travel.written = runOf(this.link().searchParams);
    if (link.inVain) this.warn(link);
  }

  // The run that is on its way, if one is, opens at this loop instead.
  /** @type {(loop: number) => void} */
  opensAt(loop) {
    this.travel.link?.query.set("loop", String(loop));
  }

  // Follow a link to a view of this app: in place where it is one of this page, so that nothing that was typed is lost.
  /** @type {(url: URL, pasted?: boolean) => void} pasted: by a person, so that it may be of anything */
  follow(url, pasted = false) {
    const { page } = this;
    const { root, pages } = page.host;
    const [last] = url.pathname.split("/").filter(Boolean).slice(-1);
    const asked = pages.includes(last) ? last : ""; // the first page sends on what belongs to another
    const target = new URL(asked + url.search, root);
    const base = url.searchParams.get("checkpoint")?.split("~")[0];
    const ours = !base || page.state.run.meta.checkpoints.some((one) => one.name === base);
    const here = target.pathname === this.travel.path || asked === page.spec.page;
    if (!here || !ours || !url.searchParams.has("puzzle")) {
      location.assign(target);
      return;
    }
    target.pathname = this.travel.path;
    history.pushState(history.state, "", target);
    this.travel.offered = pasted;
    this.showAsked(!pasted);
  }

  // The address leaves out what is as usual; a link for others names the panels, because theirs may be others.
  /** @type {(more?: Object<string, string|number>) => Promise<void>} */
  async copy(more = {}) {
    const { page } = this;
    const link = this.link({ panels: page.state.layout.panels.join(","), ...more }).href;
    if (!Object.keys(more).length) history.replaceState(history.state, "", this.link().href);
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      this.show(link); // pages of most servers without https may not write to the clipboard
      return;
    }
    relabel(page.bar.copyButton, "Copied");
    page.say({ kind: "info", text: "The link is copied." });
    setTimeout(() => {
      relabel(page.bar.copyButton, "Copy link");
    }, 1500);
  }

  /** @type {(link: string) => void} */
  show(link) {
    const { page } = this;
    const field = h("textarea", { rows: 4, readonly: true, spellcheck: "false", "aria-label": "Link" });
    const close = h("button", { type: "button", class: "ls-primary", onclick: () => page.dialog.close() }, "Close");
    field.value = link;
    page.openDialog("Copy this link: the browser does not let the page do it", field, close);
    field.select();
  }
}
