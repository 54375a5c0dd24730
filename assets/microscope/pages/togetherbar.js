// What a page shows of its class: the strip above the figures, the dialog to start or join one, and at a question how
// many have answered and what.

import { button, download, h, relabel } from "../core/elements.js";
import { plural } from "../core/words.js";
import { openDialog } from "./dialog.js";
import { MEASURED } from "./lessoncolumn.js";

/** @typedef {import("./together.js").Together} Together */

const NS = "http://www.w3.org/2000/svg";
const ROUNDS = [
  ["", "no quiz"],
  ["before", "quiz, before"],
  ["after", "quiz, after"],
];

const WHAT = `Start a class and show its code. The pages of those who join follow yours, or you let them go. At a
  question of a lesson everybody answers on an own device; you see how many have, then what, and reveal it.`;
const KEPT = `No names, no accounts, nothing on the server’s disk. It ends after two hours in which nobody does
  anything. If this page is closed, open the link in this browser again to go on leading.`;
const UNLED = "Your teacher’s page is closed or offline now."; // two lines on a phone, as what stands there else
const LOST = "No connection to the class; trying again.";
const NONE = "Nobody has answered yet.";
const HERE = /^(localhost|127\.[0-9.]+|\[::1\])$/; // names by which a computer calls itself
const ONLY_HERE = `This address opens on this computer alone. For other devices open the app by the name or the number
  that this computer has in your network (the server prints it as “Network URL”), and start the class there.`;
/** @type {(url: URL) => Element[]} that an address leads nowhere from another device, where it is so */
const onlyHere = ({ hostname }) => (HERE.test(hostname) ? [h("p", { class: "ls-message ls-warning" }, ONLY_HERE)] : []);
const plain = (words, onclick, style) => h("button", { type: "button", class: style, onclick }, words);
const buttons = (...all) => h("div", { class: "ls-buttons" }, ...all);

/** @type {(page: { lesson: import("./lesson.js").Lesson }) => HTMLElement} what opens it, in the bar of a page */
export function classEntry(page) {
  const why = "Pages of students follow yours; at a question everybody answers on an own device";
  return button("A class together…", why, () => page.lesson.together.bar.open(), "class-open");
}

/** The elements of a class. */
export class TogetherBar {
  /** @param {Together} together */
  constructor(together) {
    this.together = together;
    this.code = h("strong", { class: "ls-class-code", "data-testid": "class-code" });
    this.here = h("span", { class: "ls-note", role: "status", "data-testid": "class-here" });
    const onquiz = () => together.deed("quiz", { round: this.quiz.value || null });
    const rounds = ROUNDS.map(([value, words]) => h("option", { value }, words));
    this.quiz = h("select", { "aria-label": "Quiz", title: "Give the quiz to the class", onchange: onquiz }, ...rounds);
    const onfollow = () => together.deed("follow", { on: this.follows.checked });
    this.follows = h("input", { type: "checkbox", onchange: onfollow, "data-testid": "class-follows" });
    this.forTeacher = [
      button("Link and QR code", "Show the link and the QR code of this class", () => this.invite(), "class-invite"),
      h("label", {}, this.follows, " pages follow mine"),
      this.quiz,
      button("CSV", "Download how often each answer was given, as CSV", () => this.save(), "class-counts"),
    ];
    const again = plain("Follow again", () => this.goThere());
    const other = "Your teacher shows another step. ";
    this.astray = h("p", { class: "ls-note", "data-testid": "class-astray" }, other, again);
    this.there = button("", "Go to what your teacher shows", () => this.goThere(), "class-there");
    this.toQuiz = h("a", { class: "ls-button", target: "_blank", rel: "noopener" }, "Open the quiz");
    this.leaving = button("Leave", "Leave the class", () => this.leave(), "class-leave");
    this.root = h(
      "div",
      { class: "ls-class", role: "group", "aria-label": "Class together", "data-testid": "class", hidden: true },
      h("span", {}, "Class ", this.code),
      this.here,
      ...this.forTeacher,
      this.there,
      this.toQuiz,
      this.leaving,
    );
    this.counted = h("p", { class: "ls-note", "aria-live": "polite", "data-testid": "class-answered" });
    this.bars = h("div", { class: "ls-bars", "data-testid": "class-bars" });
    // Not details: those are closed by a press anywhere else, and what is below them moves away under the press.
    const onclick = () => this.unfold(this.bars.hidden);
    this.opens = h("button", { type: "button", onclick }, "Show what was answered");
    this.sizes = new ResizeObserver(() => this.tellHeight());
    this.sizes.observe(this.root);
  }

  // Below it the figures have what is left of the window.
  tellHeight() {
    const { root } = this.together.page;
    root?.style.setProperty("--strip", `${this.root.offsetHeight}px`);
  }

  // ── the strip ───────────────────────────────────────────────────────────────────────────────────────────────────

  show() {
    const { together } = this;
    const { now, told, teaching } = together;
    this.root.hidden = !together.on;
    this.root.classList.toggle("ls-class-student", !teaching);
    this.astray.hidden = !together.on || !together.astray;
    if (!together.on) return;
    this.code.textContent = spaced(now.code);
    for (const element of this.forTeacher) element.hidden = !teaching;
    if (teaching) relabel(this.leaving, "End", "End the class for everybody");
    else relabel(this.leaving, "Leave", "Leave the class");
    const words = now.lost ? LOST : teaching ? this.teacherWords() : this.studentWords();
    if (this.here.textContent !== words) this.here.textContent = words;
    this.follows.checked = told.follows ?? true;
    this.quiz.value = told.quiz ?? "";
    const asked = told.ask && !told.follows && !together.at(...this.where);
    this.there.hidden = teaching || !(asked || together.astray);
    relabel(this.there, asked ? "Go to the question" : "Follow again");
    this.toQuiz.hidden = teaching || !told.quiz;
    if (told.quiz) this.toQuiz.href = this.quizLink;
  }

  /** @type {string} */
  get quizLink() {
    const { now, told, page } = this.together;
    const query = new URLSearchParams({ class: now.code, round: told.quiz, seed: told.order });
    return new URL(`quiz?${query}`, page.host.root).href;
  }

  // The strip may have been scrolled away: on a phone only a message is in sight.
  tellQuiz() {
    const link = h("a", { href: this.quizLink, target: "_blank", rel: "noopener" }, "Open it");
    this.together.page.say({ kind: "info", text: "Your teacher gives the quiz. ", more: [link] });
  }

  // The lesson and the step that this page is at.
  /** @type {[string|null, number]} */
  get where() {
    const { name, number } = this.together.lesson;
    return [name, number];
  }

  teacherWords() {
    const { here = 0, quiz, handed } = this.together.told;
    const sheets = quiz ? `, ${plural(handed[quiz], "quiz", "quizzes")} handed in` : "";
    return `${plural(here, "student")} here${sheets}`;
  }

  studentWords() {
    const { follows, away, view, unled } = this.together.told;
    if (unled) return UNLED;
    if (!view) return "Your teacher will begin in a moment.";
    if (follows && away) return "Your teacher looks at a page without a clock, to which yours does not follow.";
    if (!follows) return "Your page is yours: look around.";
    const { astray } = this.together;
    return astray ? "You have left the step that your teacher shows." : "Your page follows your teacher’s.";
  }

  goThere() {
    const { together } = this;
    const { view } = together.told;
    if (view) together.goTo(new URL(view.slice(1), together.page.host.root), { ...together.now, followed: null });
  }

  // ── starting, joining, inviting ─────────────────────────────────────────────────────────────────────────────────

  // From the menu Share.
  open() {
    const { together } = this;
    together.page.closeMenus();
    if (together.teaching) this.invite();
    else if (together.on) together.page.say({ kind: "info", text: "You are in a class; leave it to start another." });
    else this.offer();
  }

  offer() {
    const { page } = this.together;
    const wrong = h("p", { class: "ls-message ls-error", role: "alert", hidden: true });
    const tried = async (work) => {
      const text = await work();
      wrong.hidden = text === null;
      wrong.textContent = text ?? "";
      return text === null;
    };
    const start = async () => {
      if (!(await tried(() => this.together.start()))) return;
      close();
      this.invite();
    };
    const about = { autocomplete: "off", spellcheck: "false", maxlength: 12, "aria-label": "Code of the class" };
    const code = h("input", { type: "text", ...about });
    const onsubmit = async (event) => {
      event.preventDefault();
      if (await tried(() => this.together.join(code.value))) close();
    };
    const close = openDialog(
      page,
      "A class together",
      h("p", {}, WHAT),
      h("p", { class: "ls-note" }, KEPT),
      ...onlyHere(page.host.root),
      buttons(plain("Start a class", start, "ls-primary")),
      h(
        "form",
        { class: "ls-class-join", onsubmit },
        h("label", {}, "Or join one by its code ", code),
        h("button", { type: "submit" }, "Join"),
      ),
      wrong,
      buttons(plain("Close", () => close())),
    );
  }

  async invite() {
    const { together } = this;
    const { now, page } = together;
    if (!now.invitation) {
      try {
        const root = page.host.root.href;
        now.invitation = await together.source.send(together.message("invite", { root }));
      } catch (error) {
        page.say({ kind: "error", text: error.message });
        return;
      }
    }
    const { link: href, qr } = now.invitation;
    const link = h("a", { href, class: "ls-class-link" }, href.replace(/^https?:\/\//, ""));
    const close = openDialog(
      page,
      "Join this class",
      h("p", { class: "ls-class-big" }, spaced(now.code)),
      square(qr, `QR code of ${href}`),
      h("p", {}, link),
      ...onlyHere(new URL(href)),
      h("p", { class: "ls-note" }, "Or open Share, “A class together…”, and type the code."),
      buttons(plain("Close", () => close(), "ls-primary")),
    );
  }

  leave() {
    const { together } = this;
    if (!together.teaching) {
      together.leave();
      return;
    }
    const end = () => {
      close();
      together.leave();
    };
    const close = openDialog(
      together.page,
      "End the class?",
      h("p", {}, "Everybody leaves it, and its counts are gone: download them before, if you want them."),
      buttons(
        plain("End the class", end, "ls-primary"),
        plain("Download the counts", () => this.save()),
        plain("Go on", () => close()),
      ),
    );
  }

  async save() {
    const { together } = this;
    try {
      download(`loopscope-class-${together.now.code}.csv`, await together.source.counts(together.message("counts")));
    } catch (error) {
      together.page.say({ kind: "error", text: error.message });
    }
  }

  // ── at a question ───────────────────────────────────────────────────────────────────────────────────────────────

  // What stands beside a question of the class, null outside of one. `made` makes the question's own elements, for
  // who has answered with that answer.
  /** @type {(made: (mine: *) => Element) => Element[]|null} */
  question(made) {
    const { together } = this;
    if (!together.has(...this.where)) return null;
    this.unfold(false);
    together.now.said = this.answer;
    const root = made(together.now.said);
    this.showQuestion();
    const bars = together.teaching ? [this.opens, this.bars] : [];
    return [root, h("div", { class: "ls-answered" }, this.counted, ...bars)];
  }

  // What this student has answered, null before, and where the class is not at this step.
  /** @type {*} */
  get answer() {
    return this.together.at(...this.where) ? (this.together.told.ask.mine ?? null) : null;
  }

  // Show the bars on the teacher's page, or hide them.
  /** @type {(open: boolean) => void} */
  unfold(open) {
    this.bars.hidden = !open;
    this.opens.setAttribute("aria-expanded", String(open));
    if (open) this.bars.scrollIntoView({ block: "nearest" });
  }

  // How many have answered, and whether this student has.
  showQuestion() {
    const { together, answer } = this;
    if (JSON.stringify(answer) !== JSON.stringify(together.now.said)) {
      together.lesson.column.show(); // which comes back here
      together.lesson.column.tellStep();
      this.counted.scrollIntoView({ block: "nearest" });
      return;
    }
    const here = together.at(...this.where);
    const words = here ? this.answeredWords(together.told.ask, answer != null) : "The class is not at this step.";
    if (this.counted.textContent !== words) this.counted.textContent = words;
    if (together.teaching) together.lesson.column.hold(together.measuring ? MEASURED : "");
    this.bars.replaceChildren(...(here && together.teaching ? this.unfolded(together.told.ask) : []));
  }

  // What the teacher sees of the answers before the reveal; a sentence where there are no bars.
  unfolded({ bars, answered }) {
    if (bars?.length) return this.histogram(bars);
    const curves = answered && this.together.lesson.step?.ask?.kind === "curve";
    const drawn = `${plural(answered, "curve")} drawn; the reveal draws the middle of all, or yours if you drew one.`;
    return [h("p", { class: "ls-note" }, curves ? drawn : NONE)];
  }

  answeredWords({ answered, measuring }, mine) {
    const { here = 0 } = this.together.told;
    const have = answered === 1 ? "has" : "have";
    const said = `${answered} of ${Math.max(here, answered)} ${have} answered.`;
    if (this.together.teaching) return said;
    if (measuring) return `${mine ? "Your answer is in. " : ""}${said} What happens is being measured.`;
    return mine ? `Your answer is in. ${said} Your teacher reveals it.` : said;
  }

  // What the class answered, as bars; of a reveal those say what happened. mine: of answers to choose from, the own.
  /** @type {(bars: import("../core/types.js").ClassBar[]|null|undefined, mine?: unknown) => Element[]} */
  histogram(bars, mine = null) {
    if (!bars?.length) return [];
    const most = Math.max(1, ...bars.map(([, many]) => many));
    const { geometry } = this.together.page.state.run;
    const rows = bars.map(([label, many, low, high, note, right]) => {
      const whole = !label || low !== high; // a range, or what a cell is called: not broken into two lines
      const words = whole ? h("span", { class: "ls-bounds" }, label || geometry.name(low)) : label;
      const said = [note, mine !== null && low === mine ? "(your answer)" : ""].filter(Boolean).join(" ");
      const bar = h("span", { class: "ls-bar-fill", style: `width: ${(100 * many) / most}%`, "aria-hidden": "true" });
      const name = h("th", { scope: "row" }, words, said ? h("span", { class: "ls-note" }, ` ${said}`) : "");
      const room = h("td", { class: "ls-bar-room" }, bar);
      return h("tr", { class: right ? "ls-option-right" : "" }, name, room, h("td", {}, String(many)));
    });
    const style = `--bars: ${bars.length}`;
    return [h("table", { style }, h("caption", {}, "What the class answered"), h("tbody", {}, ...rows))];
  }
}

const spaced = (code) => code.toUpperCase().replace(/^(...)/, "$1 ");

// A QR code: rows of "0" and "1", dark on white in any theme.
function square(rows, title) {
  const svg = document.createElementNS(NS, "svg");
  const path = document.createElementNS(NS, "path");
  const dark = rows.flatMap((row, y) => [...row].flatMap((one, x) => (one === "1" ? [`M${x} ${y}h1v1h-1z`] : [])));
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute("class", "ls-class-qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  return svg;
}
