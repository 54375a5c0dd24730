// Small helpers: elements, icons, files.

/** @type {(tag: string, attributes?: object, ...children: (Node|string)[]) => HTMLElement} */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.startsWith("aria-") && value != null) element.setAttribute(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const ICONS = {
  // drawn, because fonts disagree about these signs
  first: "M3 2h2v12H3zM14 2v12L6 8z",
  back: "M12 2v12L4 8z",
  play: "M4 2v12l9-6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  forward: "M4 2v12l8-6z",
  last: "M2 2v12l8-6zM11 2h2v12h-2z",
  more: "M7 2h2v3H7zM7 7h2v3H7zM7 12h2v3H7z",
  from: "M4 2h6v2H6v8h4v2H4z",
  to: "M6 2h6v12H6v-2h4V4H6z",
};
/** @type {(name: string) => SVGElement} */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const bare = (text) => ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;

/**
 * The accessible name of a control: its explanation, behind the words that stand on it where the explanation has not
 * the same ones. Who speaks to the page, or is told of a button, says what is seen. A sign is called by its
 * explanation.
 * @type {(label: string|Node, title: string) => string}
 */
export function nameOf(label, title) {
  if (typeof label !== "string" || !bare(label).trim()) return title;
  if (!title) return label;
  return bare(title).includes(bare(label)) ? title : `${label.replace(/…$/, "")}: ${title}`;
}

/** @type {(label: string|Node, title: string, onclick: (event: Event) => void,
 *   testid?: string) => HTMLButtonElement} */
export const button = (label, title, onclick, testid) =>
  h("button", { type: "button", title, "aria-label": nameOf(label, title), "data-testid": testid, onclick }, label);

/** @type {(element: HTMLElement, label: string, title?: string) => void} give a button other words */
export function relabel(element, label, title = element.title) {
  Object.assign(element, { textContent: label, title, ariaLabel: nameOf(label, title) });
}

/** @type {(select: HTMLSelectElement, items: [string, string][], chosen: string) => void} */
export const options = (select, items, chosen) =>
  select.replaceChildren(...items.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));

/** @type {(name: string, blob: Blob) => void} */
export function download(name, blob) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
