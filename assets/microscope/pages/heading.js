// The heading of a panel: its title, lists to choose from, the note on what it shows, the menu to export, present and
// arrange it.

import { button, h, icon } from "../core/elements.js";
import { withTerms } from "./glossary.js";

/**
 * @param {import("./page.js").Page} page
 * @param {string} name of the panel, "board" for the face
 * @param {{ title: string, help: string, formula?: string }} about
 * @param {HTMLElement} picks the lists; beside the title if there is room, else below it
 * @param {boolean} figure whether there is a drawing to save
 */
export function heading(page, name, about, picks, figure = true) {
  const title = page.words(about.title);
  const notes = note(title, page.words(about.help), about.formula && page.words(about.formula));
  const top = h("div", { class: "ls-title" }, h("h2", {}, ...withTerms(title)), picks);
  return h("header", {}, top, notes, menu(page, name, name === "board" ? title.toLowerCase() : title, figure));
}

const SHORT = 2; // sentences that are shown before “more”
const GAP = 8; // pixels around the words

/** @type {(title: string, words: string, formula?: string) => HTMLElement} the note behind a panel's question mark */
export function note(title, words, formula) {
  const label = `${title}: what am I looking at?`;
  const sentences = words.split(/(?<=[.?!]”?) (?=[\p{Lu}“])/u);
  const rest = sentences.slice(SHORT).join(" ");
  const known = new Set(); // a word is marked once in a note
  const first = withTerms(sentences.slice(0, SHORT).join(" "), known);
  const others = h("p", {}, ...withTerms(rest, known));
  const how = h("b", {}, "How is this computed? ");
  const computed = formula ? [h("p", { class: "ls-formula" }, how, ...withTerms(formula, known))] : [];
  const more = h("details", { class: "ls-more" }, h("summary", {}, "more"), others, ...computed);
  const said = h("div", {}, h("p", {}, ...first), ...(rest || formula ? [more] : []));
  const summary = h("summary", { "aria-label": label, title: "What am I looking at?" }, "?");
  const ontoggle = () => details.open && beside(said, details.closest(".ls-panel"));
  const details = h("details", { class: "ls-help", name: "ls-help", ontoggle }, summary, said);
  more.addEventListener("toggle", ontoggle);
  return details;
}

// Put words beside a panel, where its figure stays in view, or below it where there is no room; never off the screen.
function beside(words, panel) {
  const { left, right } = panel.getBoundingClientRect();
  const wide = words.offsetWidth + GAP;
  words.dataset.side = document.documentElement.clientWidth - right >= wide ? "right" : left >= wide ? "left" : "below";
  words.style.top = "";
  if (words.dataset.side === "below") words.scrollIntoView({ block: "nearest" });
  else {
    const box = words.getBoundingClientRect();
    const clock = panel.closest(".ls").querySelector(".ls-clock").getBoundingClientRect();
    const low = Math.min(innerHeight, clock.top > box.top ? clock.top : innerHeight) - GAP;
    const shift = Math.min(0, Math.max(low - box.bottom, GAP - box.top));
    words.style.top = `${words.offsetTop + shift}px`;
  }
}

// said: what the panel is called in the names of the buttons.
function menu(page, name, said, figure) {
  const what = "Export, present, arrange";
  const entries = [
    ...(figure ? saving(page, name, said) : []),
    button("Present", `Show ${said} alone and large`, () => page.present(name)),
    ...(name === "board" ? [] : arranging(page, name, said)),
  ];
  const summary = h("summary", { "aria-label": `${said}: export, present, arrange`, title: what }, icon("more"));
  return h("details", { class: "ls-menu", name: "ls-menu" }, summary, h("div", { class: "ls-list" }, ...entries));
}

function saving(page, name, said) {
  return [
    button("PNG", `Save the ${said} figure as PNG`, () => page.save(name, "png")),
    button("SVG", `Save the ${said} figure as SVG`, () => page.save(name, "svg")),
    button("CSV", `Save the numbers of the ${said} figure as CSV`, () => page.save(name, "csv")),
    ...(page.host.saveAnimation
      ? [
          button("GIF", `Save the ${said} figure as an animation of the run or of its range`, () =>
            page.saveAnimation(name),
          ),
        ]
      : []),
  ];
}

function arranging(page, name, said) {
  const hide = (event) => {
    event.target.closest("details").open = false;
    page.panels.hide(name);
  };
  return [
    button("Earlier", `Move ${said} one place earlier`, () => page.panels.move(name, -1)),
    button("Later", `Move ${said} one place later`, () => page.panels.move(name, 1)),
    button("Hide", `Hide ${said}`, hide),
  ];
}
