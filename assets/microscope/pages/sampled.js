// Prompts that are sampled: another one, and sliders for what lies outside of what the model was trained on.

import { h, options } from "../core/elements.js";
import { promptOf } from "./prompttext.js";

/** @typedef {{ name: string, label: string, low: number, high: number, step: number, usual: number }} Setting */
/** @typedef {{ name: string, label: string, values: [string, string][] }} Choice a value with its words, of a few */

/** The sliders of a sampled prompt. */
export class Sampled {
  /** @param {import("./page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.rows = h("div", { class: "ls-settings" });
    this.note = h("p", { class: "ls-note" });
    this.root = h(
      "details",
      { class: "ls-sampled", "data-server": "", "data-testid": "sampled" },
      h("summary", { title: "Sample a prompt, also outside of what training used" }, "Sampled prompt: change the data"),
      this.note,
      this.rows,
    );
    this.made = "";
  }

  /** @type {object} */
  get meta() {
    return this.page.state.run.meta;
  }

  // What the prompt on screen was sampled with; as usual where it was typed, or where a setting was left out.
  /** @type {Object<string, number>} */
  get now() {
    return { seed: 0, ...this.meta.sampled, ...Object.fromEntries(this.meta.settings.map((one) => this.valueOf(one))) };
  }

  valueOf({ name, low, usual }) {
    const value = this.meta.sampled?.[name] ?? usual;
    return [name, value < low ? usual : value];
  }

  // The same kind of prompt with the next seed.
  another() {
    this.page.useAnew(this.text({ seed: Number(this.now.seed) + 1 }));
  }

  /** @type {(changes: Object<string, number>) => string} */
  text(changes) {
    return promptOf({ ...this.now, ...changes }, this.meta.settings);
  }

  // The sliders as the message has them.
  fill() {
    const { settings, choices, sampled } = this.meta;
    this.root.hidden = !settings?.length;
    if (this.root.hidden) return;
    const made = JSON.stringify([settings, choices]);
    if (made !== this.made) this.rebuild(settings, choices ?? []);
    this.made = made;
    this.note.textContent = sampled
      ? "Sliders draw the data of this seed anew; a number in orange was not met in training."
      : "These {clues} were typed; a slider replaces them by a sampled prompt, and undo brings them back.";
    this.note.textContent = this.page.words(this.note.textContent);
    for (const setting of settings) this.tell(setting, Number(this.now[setting.name]));
    for (const [name, list] of Object.entries(this.lists)) list.value = sampled?.[name] ?? "";
  }

  /** @type {(settings: Setting[], choices: Choice[]) => void} */
  rebuild(settings, choices) {
    this.fields = {}; // by setting
    this.lists = {}; // by choice
    const rows = [...settings.map((setting) => this.field(setting)), ...choices.map((choice) => this.list(choice))];
    this.rows.replaceChildren(...rows);
  }

  /** @type {(choice: Choice) => Element} */
  list({ name, label, values }) {
    const id = `ls-setting-${name}`;
    const list = h("select", { id, onchange: () => this.choose() });
    options(list, values, "");
    this.lists[name] = list;
    return h("div", {}, h("label", { for: id }, label), list);
  }

  choose() {
    const { page } = this;
    if (page.refused()) return;
    page.useAnew(this.wanted());
  }

  // What sliders and lists say now, as text.
  /** @type {() => string} */
  wanted() {
    const sliders = Object.entries(this.fields).map(([name, { slider }]) => [name, Number(slider.value)]);
    const lists = Object.entries(this.lists).map(([name, { value }]) => [name, value]);
    return this.text(Object.fromEntries([...sliders, ...lists]));
  }

  /** @type {(setting: Setting) => Element} */
  field(setting) {
    const { name, label, low, high, step } = setting;
    const id = `ls-setting-${name}`;
    const slider = h("input", {
      id,
      type: "range",
      min: low,
      max: high,
      step,
      oninput: () => this.set(setting, Number(slider.value)),
      onchange: () => this.rest(),
    });
    const said = h("output", { for: id });
    this.fields[name] = { slider, said };
    return h("div", {}, h("label", { for: id }, label), slider, said);
  }

  /** @type {(setting: Setting, value: number) => void} */
  tell({ name, trained }, value) {
    const { slider, said } = this.fields[name];
    if (document.activeElement !== slider || !this.page.state.draft.before) slider.value = value;
    const beyond = trained && (value < trained[0] || value > trained[1]);
    said.textContent = String(value);
    said.className = beyond ? "ls-outside" : "";
    said.title = trained ? `training used ${trained[0]} to ${trained[1]}` : "";
  }

  /** @type {(setting: Setting, value: number) => void} */
  set(setting, value) {
    const { page } = this;
    if (page.refused()) return;
    page.state.draft.before ??= page.state.typed.entry;
    this.tell(setting, value);
    page.change(this.wanted());
  }

  // A whole drag of a slider is one step of undo.
  rest() {
    const { page } = this;
    const { draft, typed } = page.state;
    if (draft.before != null && draft.before !== typed.entry) page.keep(draft.before);
    draft.before = null;
  }
}
