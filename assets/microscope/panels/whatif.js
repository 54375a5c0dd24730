// The form in which a person says what is to be different in a second run.

import { button, h, options } from "../core/elements.js";
import { sentence } from "../core/words.js";

// kind, words, fields: [name, how it is asked for, …], and which models have it. The text is that of looped/changes.py.
const CHANGES = [
  [
    "Timestep (TMLT)",
    [
      ["freeze", "Freeze the timestep at t", [["number", "t", 0]]],
      ["shift", "Shift the timesteps by", [["number", "by", 100]]],
      ["stretch", "Multiply the timesteps by", [["number", "factor", 0.5]]],
      ["shuffle", "Shuffle the timesteps", [["number", "seed", 0]]],
      ["close", "Set scales to zero", [["scales"]]],
      ["ones", "Set all scales to one", []],
    ],
  ],
  [
    "Parts of the block",
    [
      ["cut", "Cut", [["parts"]]],
      ["block", "Keep the chosen cell from attending to", [["unit"]]],
      ["temperature", "Softmax temperature", [["number", "temperature", 0.5]]],
    ],
  ],
  [
    "The input and the states",
    [
      ["set", "Set the chosen cell to", [["digit"]]],
      ["patch", "Replace the chosen cell's state by", [["donor"]]],
    ],
  ],
];

export default {
  name: "whatif",
  title: "What if",
  question: "What if the run were different?",
  needs: "tokens",
  help:
    "Say what is to be different and run it beside the first: the same model on the same board, on " +
    "the same clock. Board B, the verdict under the boards and every panel then show both; “Show: A " +
    "against B” draws the difference. A change acts from the loop you choose, so “after this loop” " +
    "means: everything up to where the clock stands stays as it was. Several changes add up. The " +
    "address bar holds them: a link shows the same.",
  formula:
    "Loop t of the changed run: h[t+1] = block′(h[t]) with the same weights. Timesteps: TE(f(t)) in " +
    "place of TE(t). Cut: the head's, or the MLP's, output is not added. A cell that may not attend " +
    "to others: those scores are −∞, the rest of its row sums to one again. A state that is " +
    "replaced: h[t][cell] ← that of another run after as many loops.",
  build(page) {
    const kind = h("select", { "aria-label": "What to change", onchange: () => fill() });
    const fields = h("span", { class: "ls-fields" });
    const from = h("select", { "aria-label": "From which loop" });
    const until = h("select", { "aria-label": "Until which loop" });
    const list = h("ul", { class: "ls-changes" });
    const says = h("p", { class: "ls-says" });
    const number = (name, value) =>
      h("input", { type: "number", step: "any", value, "aria-label": sentence(name), "data-field": "" });
    const choose = (name, pairs) => {
      const select = h("select", { "aria-label": name, "data-field": "" });
      options(select, pairs, pairs[0][0]);
      return select;
    };
    const timestep = () => !!page.views[0]?.arrays.scales;
    kind.append(
      ...CHANGES.map(([title, kinds]) =>
        h(
          "optgroup",
          { label: page.words(title) },
          ...kinds.map(([value, words]) => h("option", { value }, page.words(words))),
        ),
      ),
    );
    const units = () => {
      const { geometry } = page;
      const cell = page.cell;
      const of = (cells) => cells.filter((j) => j !== cell).join("_");
      if (!geometry.units)
        return [
          ...geometry.lines.map((line, r) => [of(line), geometry.groups[r]]),
          [of([...Array(geometry.n).keys()]), "everything but itself"],
        ].filter(([cells]) => cells);
      const [row, column, box] = geometry.units.filter((unit) => unit.includes(cell));
      return [
        [of(row), "its row"],
        [of(column), "its column"],
        [of(box), "its box"],
        [of([...new Set([...row, ...column, ...box])]), "all three"],
        [of([...Array(geometry.n).keys()]), "everything but itself"],
      ];
    };
    const MAKE = {
      number,
      scales: () =>
        choose("Scales", [
          ["alpha1", "α1 (attention)"],
          ["alpha2", "α2 (MLP)"],
          ["alpha1_alpha2", "both gates"],
          ["gamma1", "γ1"],
          ["gamma2", "γ2"],
        ]),
      parts: () => {
        const { heads } = page.views[0].meta;
        return choose("Part", [
          ...Array.from({ length: heads }, (_, i) => [String(i), `head ${i + 1}`]),
          [Array.from({ length: heads }, (_, i) => i).join("_"), "all heads"],
          ["mlp", "the MLP"],
        ]);
      },
      unit: () => choose("What it may not see", units()),
      digit: () => choose("Digit", page.settable()),
      donor: () => choose("Whose state", [["start", "its own from the start"], ...page.donors()]),
    };
    const chosen = () => CHANGES.flatMap(([, kinds]) => kinds).find(([value]) => value === kind.value);
    let filledFor = "";
    const fill = () => {
      filledFor = `${kind.value}|${page.cell}|${page.geometry.n}|${page.views[0].meta.heads}`;
      fields.replaceChildren(...chosen()[2].map(([how, ...more]) => MAKE[how](...more)));
    };
    const base = () => page.meta.runs[0].name.split("~")[0];
    const made = () => {
      const [name, text] = (page.meta.versus || "").split("~");
      return name === base() && text ? text.split(",") : [];
    };
    const run = (changes) => page.ask({ versus: changes.length ? `${base()}~${changes.join(",")}` : "" });
    const add = h(
      "button",
      {
        type: "button",
        class: "ls-primary",
        "data-testid": "whatif-run",
        onclick: () => {
          const values = [
            kind.value === "block" || kind.value === "set" || kind.value === "patch" ? String(page.cell) : null,
            ...[...fields.querySelectorAll("[data-field]")].map((field) => field.value),
          ].filter((value) => value != null);
          if (values.includes(""))
            return page.say({ kind: "error", text: "A number is missing; write it beside the change." });
          const first = Number(from.value);
          const stop = until.value === "one" ? `-${first + 1}` : "";
          run([
            ...made(),
            `${kind.value}${values.length ? "=" + values.join("_") : ""}${first || stop ? `@${first}${kind.value === "patch" ? "" : stop}` : ""}`,
          ]);
        },
      },
      "Run it beside",
    );
    const root = h(
      "div",
      { class: "ls-whatif" },
      h("div", { class: "ls-form" }, kind, fields, from, until, add),
      list,
      says,
    );
    let shown = null;
    return {
      root,
      update() {
        const { t, cell } = { t: page.clock.loop, cell: page.cell };
        const key = `${kind.value}|${cell}|${page.geometry.n}|${page.views[0].meta.heads}`;
        if (key !== filledFor) {
          const before = fields.querySelector("select")?.selectedIndex ?? 0;
          fill();
          const again = fields.querySelector("select");
          if (again && before > 0 && before < again.options.length) again.selectedIndex = before;
        }
        for (const option of kind.querySelector("optgroup").children) option.disabled = !timestep();
        if (kind.selectedOptions[0].disabled) {
          kind.value = "cut";
          fill();
        }
        const now = Math.min(t, page.views[0].loops);
        const kept = from.value === "" || from.value === "0" ? "0" : "now";
        if (from.dataset.at !== String(now)) {
          from.dataset.at = now;
          options(
            from,
            [["0", "from the start"], ...(now ? [[String(now), `after loop ${now} (now)`]] : [])],
            kept === "now" && now ? String(now) : "0",
          );
        }
        if (!until.options.length)
          options(
            until,
            [
              ["", "to the end"],
              ["one", "for one loop"],
            ],
            "",
          );
        until.disabled = kind.value === "patch";
        const changes = made();
        const other = page.views[1];
        if (changes.join() !== shown) {
          shown = changes.join();
          const words = other?.meta.changes ?? changes;
          list.replaceChildren(
            ...changes.map((_, i) =>
              h(
                "li",
                {},
                h("span", {}, sentence(words[i] ?? changes[i])),
                button("✕", `Take this back: ${words[i] ?? changes[i]}`, () => run(changes.filter((_, k) => k !== i))),
              ),
            ),
            ...(changes.length > 1
              ? [
                  h(
                    "li",
                    {},
                    button("Take all back", "Take all changes back", () => run([])),
                  ),
                ]
              : []),
          );
        }
        says.textContent =
          other && changes.length
            ? page.verdict.textContent
            : `${page.words("The chosen cell")} is ${page.geometry.name(cell)}; the clock stands at loop ${now}. Nothing is changed yet.`;
      },
    };
  },
};
