// The address bar is the state: what a link asks for, and the link to what is shown.

const LINK = 1; // version of what the address bar means
const MOST = 3; // names of one kind that are told
const PLAIN = { "%2C": ",", "%7E": "~", "%3D": "=", "%40": "@" };

/**
 * What is asked for when a page opens, as the search of an address.
 * @type {(host: import("./types.js").Host) => string}
 */
export const opensWith = ({ inside = false, query = "" }) => (inside ? query : location.search || query);

/** @type {(host: import("./types.js").Host) => string} where nobody is there to ask, how a sentence on it begins */
export const whereKept = ({ inside }) => (inside ? "This is a cell of a notebook" : "This page is saved");

/**
 * Reads the parts of a link that the browser keeps. What the view does not have is collected as words: in `trouble`
 * where the usual takes its place, in `left` where the others that the link names beside it are shown.
 */
export class Link {
  /** @param {string} search of an address */
  constructor(search) {
    this.query = new URLSearchParams(search);
    this.trouble = [];
    this.left = [];
  }

  // What the view does not have and what it shows instead; "" where it has everything.
  /** @type {string} */
  get inVain() {
    const asks = [
      [this.trouble, "the usual is shown instead"],
      [this.left, "the others that it names are shown"],
    ].filter(([parts]) => parts.length);
    const said = ([parts, shown], i) =>
      `${i ? "It also" : "This link"} asks for ${parts.join(", ")}, which this view does not have; ${shown}.`;
    return asks.map(said).join(" ");
  }

  // Whether the view has one of several things that a link names; `kind` of what it has not is told.
  /** @type {(asked: string[], known: string[], kind: string) => void} */
  several(asked, known, kind) {
    const strange = asked.filter((name) => !known.includes(name));
    const told = strange.length < asked.length ? this.left : this.trouble;
    told.push(...strange.slice(0, MOST).map((name) => `${kind} called “${name.slice(0, 20)}”`));
  }

  /** @type {(name: string) => boolean} */
  has(name) {
    return this.query.has(name);
  }

  // A whole number from 0 to `high`; null where the link has none or a number outside.
  /** @type {(name: string, high: number, what?: string) => number|null} */
  whole(name, high, what = name) {
    const text = this.query.get(name);
    if (text == null) return null;
    if (/^\d{1,6}$/.test(text) && Number(text) <= high) return Number(text);
    this.trouble.push(`${what} ${text.slice(0, 12)} (there are 0 to ${high})`);
    return null;
  }

  // One of the allowed words; null where the link has none or another.
  /** @type {(name: string, allowed: string[], what: string) => string|null} */
  one(name, allowed, what) {
    const text = this.query.get(name);
    if (text == null || allowed.includes(text)) return text;
    this.trouble.push(`${what} “${text.slice(0, 20)}”`);
    return null;
  }

  // [from, to] with from < to ≤ loops, or null.
  /** @type {(loops: number) => [number, number]|null} */
  range(loops) {
    if (!this.has("range")) return null;
    const found = /^(\d{1,4})-(\d{1,4})$/.exec(this.query.get("range"));
    const [from, to] = found ? [Number(found[1]), Number(found[2])] : [0, 0];
    if (from < to && to <= loops) return [from, to];
    this.trouble.push(`the range ${this.query.get("range").slice(0, 12)}`);
    return null;
  }

  // Panel → mode of "trajectory-space,effect-heads"; allowed: panel → its modes.
  /** @type {(allowed: Object<string, string[]>) => Object<string, string>} */
  modes(allowed) {
    const found = {};
    for (const pair of (this.query.get("modes") ?? "").split(",").filter(Boolean)) {
      const [name, mode] = pair.split("-");
      if (allowed[name]?.includes(mode)) found[name] = mode;
      else this.trouble.push(`a panel that shows “${pair.slice(0, 20)}”`);
    }
    return found;
  }

  // The panels that are asked for, null when the link does not say; unknown ones are left out.
  /** @type {(known: string[]) => string[]|undefined} */
  panels(known) {
    if (!this.has("panels")) return null;
    const asked = this.query.get("panels").split(",").filter(Boolean);
    this.several(asked, known, "a panel");
    return asked;
  }
}

const RUN = ["puzzle", "entered", "checkpoint", "versus", "loops"]; // what the server is asked for

/**
 * What a query asks the server for: its run, null where it asks for none.
 * @param {URLSearchParams} query
 * @returns {Object<string, string>|null}
 */
export function runOf(query) {
  if (!RUN.some((name) => query.has(name))) return null;
  return Object.fromEntries(RUN.map((name) => [name, query.get(name) ?? ""]));
}

// Whether two queries ask for the same run.
/** @type {(one: object|null, other: object|null) => boolean} */
export const sameRun = (one, other) => !!one && !!other && RUN.every((name) => one[name] === other[name]);

/**
 * The link to a view of this app that a text is, null for any other text. What an app made, on whatever server, names
 * the version of its links; without it the server and path are those of this app. Typed by hand it may begin with the
 * path, its page or the question mark.
 * @param {string} text
 * @param {{ root: URL, pages: string[] }} app where it is served, and its pages
 * @returns {URL|null}
 */
export function viewIn(text, { root, pages }) {
  const address = text.trim();
  if (/\s/.test(address) || !URL.canParse(address, root)) return null;
  const url = new URL(address, root);
  if (!/^https?:$/.test(url.protocol) || !runOf(url.searchParams)) return null;
  if (/^\d{1,3}$/.test(url.searchParams.get("v") ?? "")) return url;
  if (url.origin !== root.origin) return null;
  const bases = [root.pathname, ...(URL.canParse(address) ? [] : ["/"])];
  const paths = bases.flatMap((base) => ["", ...pages].map((page) => ended(base) + page));
  return paths.some((path) => ended(path) === ended(url.pathname)) ? url : null;
}

const ended = (path) => path.replace(/\/*$/, "/"); // a path is the same with and without its last slash

/**
 * The address of a view: `address` with these values set, and those that are null taken out.
 * @param {string} address
 * @param {Object<string, string|number|null>} values
 * @returns {URL}
 */
export function linkTo(address, values) {
  const url = new URL(address);
  for (const [key, value] of Object.entries({ v: LINK, ...values })) {
    if (value == null) url.searchParams.delete(key);
    else url.searchParams.set(key, value);
  }
  url.search = url.search.replace(/%(2C|7E|3D|40)/g, (code) => PLAIN[code]);
  return url;
}
