// Small helpers: elements, icons, words for numbers.

function h(tag, attributes = {}, ...children) {
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

const ICONS = {  // drawn, because fonts disagree about these signs
  first: "M3 2h2v12H3zM14 2v12L6 8z", back: "M12 2v12L4 8z", play: "M4 2v12l9-6z", pause: "M3 2h4v12H3zM9 2h4v12H9z",
  forward: "M4 2v12l8-6z", last: "M2 2v12l8-6zM11 2h2v12h-2z", more: "M7 2h2v3H7zM7 7h2v3H7zM7 12h2v3H7z",
  from: "M4 2h6v2H6v8h4v2H4z", to: "M6 2h6v12H6v-2h4V4H6z",
};
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const button = (label, title, onclick, testid) => h("button", { type: "button", title, "aria-label": title, "data-testid": testid, onclick }, label);
const options = (select, items, chosen) => select.replaceChildren(...items.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));
const percent = (p) => (p > 0.995 && p < 1 ? ">\u00a099\u00a0%" : p > 0 && p < 0.005 ? "<\u00a01\u00a0%" : `${Math.round(100 * p)}\u00a0%`);  // never broken between lines
const short = (x) => (x === 0 ? "0" : Math.abs(x) < 0.01 || Math.abs(x) >= 1000 ? x.toExponential(1) : x.toPrecision(2));
const plural = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
const sentence = (text) => text[0].toUpperCase() + text.slice(1);

function download(name, blob) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
