// Hidden states or a surface in space, in a window that turns and zooms: Plotly, loaded when first shown.

import { reach } from "../ask/reach.js";
import { h } from "../core/elements.js";
import { isDark } from "../draw/colours.js";

const SETTINGS = { displaylogo: false, responsive: true };
const REST = 60; // milliseconds after which the figure follows the slider
let loading = null;

// Plotly's script is no module: it sets a global.
function plotly(address) {
  loading ??= new Promise((done, failed) => {
    const script = h("script", { src: address, onload: () => done(window.Plotly), onerror: () => failed(address) });
    document.head.append(script);
  }).catch(() => {
    loading = null; // it can be tried again
    return null;
  });
  return loading;
}

const STATES = {
  title: "Hidden states in space",
  figures: [["states", "Hidden states"]],
  says: "point at a sign to read its place",
};

/**
 * Open the window.
 * @param {import("./page.js").Page} page
 * @param {URL} address of Plotly's script
 * @param {{ title: string, figures: [string, string][], says: string }} [about] its title, what can be drawn (as the
 *   server knows it, and in words), and what to do with it
 */
export async function openSpace(page, address, about = STATES) {
  const { views } = page.state.run;
  const plots = views.map((view) => h("div", { class: "ls-space", "aria-label": view.label }));
  const says = h("p", { class: "ls-says", role: "status" }, "Plotly is being loaded.");
  const whole = { type: "range", min: 0, max: page.clock.loops };
  const slider = h("input", { ...whole, "aria-label": page.words("{Loop} of the large figure") });
  slider.value = page.clock.loop;
  const close = h("button", { type: "button", class: "ls-primary", onclick: () => page.dialog.close() }, "Close");
  const figures = h("div", { class: "ls-spaces" }, ...plots);
  const kinds = h("select", { "aria-label": "What is drawn in space" });
  kinds.append(...about.figures.map(([value, words]) => h("option", { value }, words)));
  kinds.hidden = about.figures.length < 2;
  page.openDialog(about.title, kinds, figures, says, slider, close);
  page.dialog.classList.add("ls-wide");
  const drawn = await plotly(address);
  if (!drawn) {
    says.textContent = "Plotly's script could not be loaded; close this and open it again.";
    return;
  }
  let waiting = null;
  const show = async () => {
    const loop = Number(slider.value);
    const figure = kinds.value;
    for (const [i, view] of views.entries()) {
      let answer;
      try {
        answer = await reach(`space?${asked(page, view, loop, figure)}`);
      } catch (error) {
        says.textContent = error.message;
        return;
      }
      if (!answer.ok) {
        says.textContent = await answer.text();
        return;
      }
      const { data, layout } = await answer.json();
      const late = loop !== Number(slider.value) || figure !== kinds.value; // another one is wanted by now
      if (late || !plots[i].isConnected) return;
      const fitted = { ...layout, height: undefined, autosize: true, uirevision: "kept" }; // turned as it was
      await drawn.react(plots[i], data, fitted, SETTINGS);
    }
    says.textContent = `${page.words(`After {loop} ${loop}`)}. Drag to turn, scroll to zoom, ${about.says}.`;
  };
  kinds.addEventListener("change", show);
  slider.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, REST);
  });
  await show();
}

function asked(page, view, loop, figure) {
  const query = page.address().searchParams;
  const dark = isDark(page.colours.background) ? 1 : 0;
  const { puzzle } = page.state.run;
  const values = { checkpoint: view.meta.name, puzzle, loops: view.loops, loop: view.at(loop), dark, figure };
  for (const [name, value] of Object.entries(values)) query.set(name, value);
  query.delete("versus");
  return query;
}
