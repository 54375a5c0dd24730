// Long questions to the server, with progress and cancel; and the form in which somebody says what is to be different.

import { readMessage } from "../core/message.js";

const KEPT_ANSWERS = 60;

// What is known of the questions that were asked, by what they were about.
export class Answers {
  constructor(changed) {
    this.changed = changed;
    this.known = new Map();
  }

  get(key) {
    return this.known.get(key);
  }

  // Ask; `query` is the address of the view. Parts of the answer show as they come.
  async ask(key, query, about) {
    const answer = { ...about, share: 0, running: true, control: new AbortController() };
    this.known.delete(key);
    this.known.set(key, answer);
    while (this.known.size > KEPT_ANSWERS) this.known.delete(this.known.keys().next().value);
    this.changed();
    try {
      const reply = await fetch(`ask?${query}`, { signal: answer.control.signal });
      if (!reply.ok) throw new Error(await reply.text());
      let held = "";
      for (const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) break;
        const events = (held + value).split("\n\n");
        held = events.pop();
        for (const event of events) {
          const told = JSON.parse(event.slice("data: ".length));
          if (told.error) throw new Error(told.error);
          const { meta, runs } = readMessage(Uint8Array.from(atob(told.data), (sign) => sign.charCodeAt(0)));
          Object.assign(answer, { share: told.share, arrays: runs[0] ?? {}, meta: meta.runs[0] });
        }
        this.changed();
      }
      if (answer.share < 1) throw new Error("The server stopped before the answer was complete; ask again.");
    } catch (error) {
      if (error instanceof TypeError) answer.error = "The connection to the server broke; ask again.";
      else if (error.name !== "AbortError") answer.error = error.message;
      else if (!answer.arrays) this.known.delete(key); // what is known so far stays
    }
    answer.running = false;
    this.changed();
  }
}
