// Who claims a place: the shares of the chosen cell's candidates in their groups.

import { entry, fromBits, share } from "../core/arrays.js";
import { listed, percent, sentence } from "../core/words.js";
import { caption, fitting } from "../draw/legend.js";

const GROUPS = ["cell", "row", "column", "box"]; // in the order of the array
const [LEFT, TOP, GAP] = [22, 34, 8]; // pixels: digits beside the table, heads above it, between its columns

// Where the entry of a digit, from 0, and a group stands: [x, y, width, height].
function spot(digits, width, height, d, g) {
  const wide = (width - LEFT - GAP * GROUPS.length) / GROUPS.length;
  const high = (height - TOP - 4) / digits;
  return [LEFT + g * (wide + GAP), TOP + d * high, wide, high];
}

const of = ({ view, layer, active }, s, d, g) => share(view.arrays.claims, s, layer, active, d, g);

/** @type {import("../core/types.js").Panel} */
export default {
  name: "contests",
  title: "Contests",
  page: "sudoku",
  needs: "claims",
  help:
    "A net with one position for each candidate has no attention map. Its candidates hold contests: a candidate, {a " +
    "token} that {a place} might hold, stands in four groups, and each group shares out one whole among its members. " +
    "The table is about the chosen {place}: for each of its candidates, its share of the candidates of this {place}; " +
    "and of those of the same {token} in its row, its column and its box. A full bar is the whole group; the dashed " +
    "line is an even share. Shares are means over all contests of the layer.",
  formula:
    "share_Gh(i) = e_h(i) / Σ_{j ∈ G} e_h(j), e_h(i) = exp(30 tanh(a_h · u_i / 30)) for contest h; G is the cell, or " +
    "the row, column or box of the same digit. The bars are means over h.",
  drawing: "Shares of the chosen {place}'s candidates in its cell, row, column and box",
  draw(pen, seen, width, height) {
    const { view, t, active, colours, font, geometry } = seen;
    const [, , , digits] = view.arrays.claims.shape;
    const s = view.at(t) - 1;
    GROUPS.forEach((group, g) => {
      const [x, , wide] = spot(digits, width, height, 0, g);
      caption(pen, seen, fitting(pen, seen, [`in its ${group}`, group], wide), x, TOP - 8);
    });
    for (let d = 0; d < digits; d++) {
      const [, y, , high] = spot(digits, width, height, d, 0);
      const own = view.digit(t, active) === d + 1;
      pen.font = `${own ? "bold " : ""}12px ${font}`;
      pen.textAlign = "left";
      pen.fillStyle = own ? colours.accent : colours.text;
      pen.fillText(geometry.sign(d + 1), 6, y + high / 2 + 4);
      for (let g = 0; g < GROUPS.length; g++) this.bar(pen, seen, spot(digits, width, height, d, g), s, d, g, digits);
    }
  },
  bar(pen, seen, [x, y, wide, high], s, d, g, digits) {
    const { colours, font } = seen;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.strokeRect(x, y + 1, wide, high - 2);
    pen.setLineDash([2, 2]);
    pen.strokeStyle = colours.muted;
    pen.beginPath();
    pen.moveTo(x + wide / digits, y + 1);
    pen.lineTo(x + wide / digits, y + high - 1);
    pen.stroke();
    pen.setLineDash([]);
    if (s < 0) return;
    const part = of(seen, s, d, g);
    pen.fillStyle = colours.accent;
    pen.globalAlpha = 0.45;
    pen.fillRect(x, y + 1, wide * part, high - 2);
    pen.globalAlpha = 1;
    if (wide < 44 || high < 13) return;
    pen.font = `12px ${font}`;
    pen.textAlign = "right";
    pen.fillStyle = colours.text;
    pen.fillText(percent(part), x + wide - 4, y + high / 2 + 4);
  },
  describe(seen) {
    const { view, t, layer, active, geometry } = seen;
    const name = sentence(geometry.name(active));
    if (!t) return `${name}: no contest has been held yet.`;
    const s = view.at(t) - 1;
    const [, , , digits] = view.arrays.claims.shape;
    const found = GROUPS.map((group, g) => {
      const most = fromBits(entry(view.arrays.claims_most, s, layer, active, g), digits);
      return { group, most, size: percent(of(seen, s, most[0] - 1, g)), all: most.length === digits };
    });
    const { claims_even: even, contests } = view.meta;
    const rest = `Evenly shared it would be ${percent(even)}; means over ${contests} contests.`;
    if (found.every(({ all }) => all)) {
      const parts = found.map(({ group, size }) => `${size} in its ${group}`);
      return `${name}: the shares of all its candidates are still equal, ${listed(parts)}. ${rest}`;
    }
    const named = ({ most }) => listed(most.map((d) => geometry.sign(d)));
    const each = ({ most, size }) => (most.length > 1 ? `${size} each` : size);
    const [own, ...others] = found;
    const verb = own.most.length > 1 ? "have" : "has";
    const among = own.all
      ? `all its own candidates have the same share (${own.size})`
      : `among its own candidates ${named(own)} ${verb} the largest share (${each(own)})`;
    const where = others.map((one) => `in its ${one.group} for ${one.all ? "all alike" : named(one)} (${each(one)})`);
    return (
      `${name}: ${among}. Among the places that compete for one {token}, its largest share is ${listed(where)}. ${rest}`
    );
  },
  pick: () => null,
  table(seen) {
    const { view, layer, geometry } = seen;
    const [loops, , cells, digits] = view.arrays.claims.shape;
    const rows = [];
    for (let s = 0; s < loops; s++)
      for (let i = 0; i < cells; i++)
        for (let d = 0; d < digits; d++) {
          const parts = GROUPS.map((_, g) => share(view.arrays.claims, s, layer, i, d, g).toFixed(4));
          rows.push([s + 1, geometry.name(i), geometry.sign(d + 1), ...parts]);
        }
    return { columns: ["{loop}", "{place}", "{token}", ...GROUPS.map((group) => `share in its ${group}`)], rows };
  },
};
