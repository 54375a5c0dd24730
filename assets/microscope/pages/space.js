// The hidden states in space, in a window that turns, zooms and names every place: Plotly, loaded when first shown.

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

/**
 * Open the window.
 * @param {import("./page.js").Page} page
 * @param {URL} address of Plotly's script
 */
export async function openSpace(page, address) {
  const { views } = page.state.run;
  const plots = views.map((view) => h("div", { class: "ls-space", "aria-label": view.label }));
  const says = h("p", { class: "ls-says", role: "status" }, "Plotly is being loaded.");
  const slider = h("input", { type: "range", min: 0, max: page.clock.loops, "aria-label": "Loop of the large figure" });
  slider.value = page.clock.loop;
  const close = h("button", { type: "button", class: "ls-primary", onclick: () => page.dialog.close() }, "Close");
  const figures = h("div", { class: "ls-spaces" }, ...plots);
  page.openDialog("Hidden states in space", figures, says, slider, close);
  page.dialog.classList.add("ls-wide");
  const drawn = await plotly(address);
  if (!drawn) {
    says.textContent = "Plotly's script could not be loaded; close this and open it again.";
    return;
  }
  let waiting = null;
  const show = async () => {
    const loop = Number(slider.value);
    for (const [i, view] of views.entries()) {
      const answer = await fetch(`space?${asked(page, view, loop)}`);
      if (!answer.ok) {
        says.textContent = await answer.text();
        return;
      }
      const { data, layout } = await answer.json();
      if (loop !== Number(slider.value) || !plots[i].isConnected) return; // another loop is wanted by now
      const fitted = { ...layout, height: undefined, autosize: true, uirevision: "kept" }; // turned as it was
      await drawn.react(plots[i], data, fitted, SETTINGS);
    }
    says.textContent = `After loop ${loop}. Drag to turn, scroll to zoom, point at a sign to read its place.`;
  };
  slider.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, REST);
  });
  await show();
}

function asked(page, view, loop) {
  const query = page.address().searchParams;
  const dark = isDark(page.colours.background) ? 1 : 0;
  const { puzzle } = page.state.run;
  const values = { checkpoint: view.meta.name, puzzle, loops: view.loops, loop: view.at(loop), dark };
  for (const [name, value] of Object.entries(values)) query.set(name, value);
  query.delete("versus");
  return query;
}
