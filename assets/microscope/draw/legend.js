// Words on figures.

// Text that stays readable on top of lines.
export function label(pen, colours, text, x, y, colour) {
  pen.strokeStyle = colours.background;
  pen.lineWidth = 4;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

// A line of small words, in the page's own terms.
export function caption(pen, { colours, font, words }, text, x, y, align = "left") {
  pen.font = `12px ${font}`;
  pen.textAlign = align;
  pen.fillStyle = colours.muted;
  pen.fillText(words(String(text)), x, y);
}
