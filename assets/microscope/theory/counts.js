// What the theorem asks for, counted, and what it does not say.

import { h } from "../core/elements.js";

const whole = (n) => n.toLocaleString("en");

// [what, the paper's count, this machine's, modulated and tied]
function rowsOf({ meta }) {
  const { capacity: paper, counted } = meta;
  const [modulated, tied] = [counted.modulated, counted.tied];
  return [
    ["loops", `${whole(paper.loops)}; ${whole(paper.stated)} stated`, whole(meta.loops), whole(meta.loops)],
    ["channels of a token", whole(paper.embedding), whole(modulated.channels), whole(tied.channels)],
    ["units of the feed-forward layer", whole(paper.hidden), whole(modulated.units), whole(tied.units)],
    ["parameters", whole(paper.parameters), whole(modulated.parameters), whole(tied.parameters)],
    ["bits that hold f", `of order ${whole(paper.ids)}`, whole(modulated.bits), whole(tied.bits)],
  ];
}

const LIMITS = [
  "It is about what weights can do, not about what training finds: these weights are written by hand.",
  "It is a bound from above: a smaller network may do as well.",
  "Attention is hardmax and numbers are exact. Softmax and a flat step are in your hands above: see what they break.",
  "The parameters stay few, but the constants that tell f apart need a bit or more for every entry of the table.",
];

/** @type {(seen: object) => HTMLElement[]} */
export function counts(seen) {
  const { meta } = seen;
  const head = ["for this δ and N", "as the paper counts", "here, modulated", "here, tied"];
  const cells = (tag, row) => row.map((text, i) => h(i ? tag : "th", i ? {} : { scope: "row" }, text));
  const table = h(
    "table",
    { class: "ls-table ls-counts" },
    h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, ...rowsOf(seen).map((row) => h("tr", {}, ...cells("td", row)))),
  );
  const practical =
    `${whole(meta.loops)} loops for ${meta.tokens} numbers are no practical network: the table has an entry for ` +
    `every input up to a cell. For the 81 cells of a Sudoku, one of nine each, it would be ${meta.sudoku} loops. ` +
    "Trained loops do such boards in 32: they do not look answers up, and no theorem here says how they do it.";
  const limits = h("ul", {}, ...[...LIMITS, practical].map((text) => h("li", {}, text)));
  const scroller = { class: "ls-scroller", tabindex: 0, role: "region", "aria-label": "Counts" };
  const title = h("h3", { class: "ls-caption" }, "What this does not say");
  return [h("div", scroller, table), title, limits];
}

/** @type {(seen: object) => import("../core/types.js").Table} */
export function countsTable(seen) {
  return { columns: ["what", "paper", "modulated", "tied"], rows: rowsOf(seen) };
}
