// Attention finds the largest token ID that is not used yet; the sequence ID gains it as a digit.

import { listed } from "../core/words.js";
import { caption } from "../draw/legend.js";
import { segment } from "../draw/surface.js";
import { tokenColour, tokenName } from "./plot.js";
import { written } from "./tokens.js";

const [NAMES, FOOT] = [34, 44];

// The channel after loop t, of token n.
const value = ({ arrays, meta }, name, t, n) => arrays[name].values[t * meta.tokens + n];

function drawBox(pen, seen, at, n, weight, used) {
  const { colours, font } = seen;
  const { x, y, wide, high } = at;
  pen.fillStyle = colours.soft;
  pen.fillRect(x, y, wide, high);
  pen.globalAlpha = 0.45 * weight;
  pen.fillStyle = tokenColour(seen, n);
  pen.fillRect(x, y, wide, high);
  pen.globalAlpha = 1;
  pen.strokeStyle = weight > 0 ? tokenColour(seen, n) : colours.line;
  pen.lineWidth = weight > 0 ? 2.5 : 1;
  pen.strokeRect(x, y, wide, high);
  pen.font = `14px ${font}`;
  pen.textAlign = "center";
  pen.fillStyle = used ? colours.muted : colours.text;
  pen.fillText(written(value(seen, "z", seen.meta.stages[0], n)), x + wide / 2, y + high / 2 + 5);
  pen.lineWidth = 1.5;
  pen.strokeStyle = colours.muted;
  if (used) segment(pen, x + 4, y + high - 4, x + wide - 4, y + 4);
}

export default {
  name: "context",
  moves: true,
  title: "Context",
  help:
    "One column a loop of the second stage. A box holds the cell of a token; the filled one is what attention finds, " +
    "the same for every token; a struck one was used before. Below, the sequence ID s, a number in base 1/δ. At the " +
    "end every token has its contextual ID, k.",
  formula:
    "Attention scores z − 2D·used, hardmax or softmax(β · score); s ← D s + what was found; k = per·s + z, with " +
    "per = D, or 2D where half of the IDs are fillers. Distinct token IDs differ by at least 1.",
  drawing: "What attention finds in each loop of the second stage, and the IDs that follow",
  describe(seen) {
    const { meta, arrays, t } = seen;
    const [quantise, context] = meta.stages;
    if (t <= quantise) return "This stage has not begun: the tokens still climb to their cells.";
    if (t < quantise + context) return `The sequence ID is ${written(value(seen, "s", t, 0))} so far.`;
    const ids = Array.from(arrays.ids.values, (k, n) => {
      const wrong = arrays.wrong.values[n] ? `, wrong: its cells say ${arrays.true_ids.values[n]}` : "";
      return `${tokenName(n)} has k = ${written(k)}${wrong}`;
    });
    return `s = ${written(value(seen, "s", t, 0))}; ${listed(ids)}.`;
  },
  draw(pen, seen, width, height) {
    const { meta, arrays, colours, t } = seen;
    const { tokens } = meta;
    const [quantise, context] = meta.stages;
    const wide = Math.min(64, (width - NAMES - 8) / context - 8);
    const high = Math.min(34, (height - FOOT - 14) / tokens - 6);
    const done = Math.min(t - quantise, context);
    for (let loop = 0; loop < context; loop++) {
      const x = NAMES + loop * (wide + 10);
      pen.globalAlpha = loop < done ? 1 : 0.35;
      caption(pen, seen, `loop ${quantise + loop + 1}`, x + wide / 2, 11, "center");
      for (let n = 0; n < tokens; n++) {
        const weight = loop < done ? arrays.attention.values[loop * tokens + n] : 0;
        const before = loop < done && loop && value(seen, "used", quantise + loop, n) > 0;
        drawBox(pen, seen, { x, y: 16 + n * (high + 6), wide, high }, n, weight, before);
      }
      pen.globalAlpha = 1;
      const foot = 16 + tokens * (high + 6) + 13;
      const s = loop < done ? written(value(seen, "s", quantise + loop + 1, 0)) : "…";
      caption(pen, seen, `s = ${s}`, x + wide / 2, foot, "center");
    }
    for (let n = 0; n < tokens; n++) caption(pen, seen, tokenName(n), 4, 16 + n * (high + 6) + high / 2 + 5);
    if (done < context) return;
    Array.from(arrays.ids.values).forEach((k, n) => {
      const wrong = arrays.wrong.values[n];
      pen.font = `12px ${seen.font}`;
      pen.textAlign = "left";
      pen.fillStyle = wrong ? colours.wrong : tokenColour(seen, n);
      const at = NAMES + n * ((width - NAMES) / tokens);
      pen.fillText(`${wrong ? "✕" : "✓"} k${"₁₂₃"[n]} = ${written(k)}`, at, height - 6);
    });
  },
  table({ arrays, meta }) {
    const rows = Array.from({ length: meta.tokens }, (_, n) => [
      `x${n + 1}`,
      arrays.z.values[meta.stages[0] * meta.tokens + n],
      arrays.ids.values[n],
      arrays.true_ids.values[n],
    ]);
    return { columns: ["token", "z", "k", "k of its cells"], rows };
  },
};
