// A table as a picture, for an export: each column is as wide as its widest entry.

import { segment } from "./surface.js";

const ROW = 20; // pixels
const GAP = 16; // between columns
const MARK = 18; // for the sign of right or wrong
const STRIP = 80; // of a run, from its first loop to its last

/**
 * @typedef {object} Listing a table as it is listed
 * @property {string[]} heads
 * @property {(string|Outcome)[][]} rows
 * @property {string[]} notes lines below them
 *
 * @typedef {object} Outcome what became of an input in a run
 * @property {string} words
 * @property {string} mark ✓ or ✗ after the loop of the clock, or · before the first
 * @property {number} at where the clock stands, from 0 to 1
 * @property {boolean[]} right after every loop
 */

function widths(pen, { heads, rows }) {
  const wide = (cell) =>
    typeof cell === "string" ? pen.measureText(cell).width : MARK + STRIP + 8 + pen.measureText(cell.words).width;
  return heads.map((head, k) => Math.max(wide(head), ...rows.map((row) => wide(row[k]))));
}

// Where each column begins, and how wide all of them are.
function places(pen, listing) {
  let width = 0;
  const starts = widths(pen, listing).map((wide) => {
    width += wide + GAP;
    return width - wide - GAP / 2;
  });
  const wide = (note) => pen.measureText(note).width + GAP;
  return { starts, width: Math.max(width, ...listing.notes.map(wide)) };
}

/** @type {(pen: import("../core/types.js").Pen, listing: Listing) => [number, number]} width and height */
export function listingSize(pen, listing) {
  return [Math.ceil(places(pen, listing).width), ROW * (listing.rows.length + 1 + listing.notes.length)];
}

/** @type {(pen: import("../core/types.js").Pen, listing: Listing, colours: Object<string, string>) => void} */
export function drawListing(pen, listing, colours) {
  const { starts, width } = places(pen, listing);
  pen.fillStyle = colours.muted;
  listing.heads.forEach((head, k) => pen.fillText(head, starts[k], ROW - 6));
  listing.rows.forEach((row, i) => {
    const top = ROW * (i + 1);
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    segment(pen, 0, top, width, top);
    row.forEach((cell, k) => {
      pen.fillStyle = colours.text;
      if (typeof cell === "string") pen.fillText(cell, starts[k], top + ROW - 6);
      else drawOutcome(pen, cell, starts[k], top, colours);
    });
  });
  pen.fillStyle = colours.muted;
  listing.notes.forEach((note, i) => {
    pen.fillText(note, GAP / 2, ROW * (listing.rows.length + 1 + i) + ROW - 6);
  });
}

function drawOutcome(pen, { words, mark, at, right }, left, top, colours) {
  pen.fillStyle = mark === "✗" ? colours.wrong : colours.accent;
  pen.fillText(mark, left, top + ROW - 6);
  const from = left + MARK;
  const step = STRIP / right.length;
  pen.fillStyle = colours.accent;
  right.forEach((good, s) => {
    if (good) pen.fillRect(from + s * step, top + 4, step, ROW - 8);
  });
  pen.strokeStyle = colours.line;
  pen.strokeRect(from, top + 4, STRIP, ROW - 8);
  pen.strokeStyle = colours.warm;
  pen.lineWidth = 2;
  segment(pen, from + at * STRIP, top + 2, from + at * STRIP, top + ROW - 2);
  pen.fillStyle = colours.text;
  pen.fillText(words, from + STRIP + 8, top + ROW - 6);
}
