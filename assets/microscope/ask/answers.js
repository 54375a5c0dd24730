// Long questions to the server: what is asked, what is known so far, how far it has come, and how to stop it.

import { bytesOf } from "../core/base64.js";
import { readMessage } from "../core/message.js";

/** @typedef {import("../core/types.js").Answer} Answer */
/** @typedef {import("../core/types.js").NamedArray} NamedArray */
/** @typedef {import("../core/types.js").Picked} Picked */
/** @typedef {[string, Picked, string]} SavedAnswer key, what it is about, the message in base64 */

const KEPT_ANSWERS = 60;
const DATA = "data: ";

/**
 * Takes whole server-sent events off the front of a text: what they hold, and the rest of the text.
 * @param {string} text
 * @returns {{ told: object[], rest: string }}
 */
export function takeEvents(text) {
  const events = text.split("\n\n");
  const rest = events.pop();
  return { told: events.map((event) => JSON.parse(event.slice(DATA.length))), rest };
}

/** @type {(reply: Response) => AsyncGenerator<object>} the events of a stream, as they come */
export async function* eventsOf(reply) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { told, rest } = takeEvents(held + value);
    held = rest;
    yield* told;
  }
}

// Asks the server and yields what its events say. fetch rather than EventSource: the sentence of a refusal is the
// body of a 400 answer, which EventSource does not show, and it asks again by itself when a stream ends or breaks.
/** @type {(query: URLSearchParams, signal: AbortSignal, body?: string) => AsyncGenerator<object>} */
export async function* askServer(query, signal, body) {
  const reply = await fetch(`ask?${query}`, body ? { signal, body, method: "POST" } : { signal });
  if (!reply.ok) throw new Error(await reply.text());
  yield* eventsOf(reply);
}

/** What is known of the questions that were asked, by what they were about. */
export class Answers {
  /**
   * @param {(query: URLSearchParams, signal: AbortSignal, body?: string) => AsyncIterable<object>} source yields
   *   { share, data }, { place } or { error }
   * @param {() => void} changed called whenever more is known
   */
  constructor(source, changed) {
    this.source = source;
    this.changed = changed;
    this.known = new Map();
  }

  /** @type {(key: string) => Answer|undefined} */
  get(key) {
    return this.known.get(key);
  }

  // The last answer, or part of one, whose key begins like this.
  /** @type {(start: string) => Answer|undefined} */
  like(start) {
    const found = [...this.known]
      .reverse()
      .find(([key, { arrays, running }]) => key.startsWith(start) && (arrays || running));
    return found?.[1];
  }

  // Answers that came with a saved page: [key, about, base64].
  /** @type {(saved: SavedAnswer[]) => void} */
  add(saved) {
    for (const [key, about, data] of saved) {
      this.known.set(key, { ...about, share: 1, running: false, ...this.read(data) });
    }
  }

  // Those that are complete, as a saved page keeps them; it has no table of inputs, for it cannot run them.
  /** @type {() => SavedAnswer[]} */
  saved() {
    const kept = ([, answer]) => answer.share === 1 && !answer.running && answer.data && !answer.table;
    const whole = [...this.known].filter(kept);
    return whole.map(([key, { cell, loop, data }]) => [key, { cell, loop }, data]);
  }

  // Ask; `query` is the address of the view, `body` a list of inputs. Parts of the answer show as they come.
  /** @type {(key: string, query: URLSearchParams, about: Picked, body?: string) => Promise<void>} */
  async ask(key, query, about, body) {
    const answer = { ...about, share: 0, running: true, control: new AbortController() };
    this.keep(key, answer);
    this.changed();
    try {
      for await (const { share, data, error, place } of this.source(query, answer.control.signal, body)) {
        if (error) throw new Error(error);
        Object.assign(answer, data ? { share, place: 0, ...this.read(data) } : { place });
        this.changed();
      }
      if (answer.share < 1) throw new Error("The server stopped before the answer was complete; ask again.");
    } catch (error) {
      this.fail(key, answer, error);
    }
    answer.running = false;
    this.changed();
  }

  /** @type {(key: string, answer: Answer) => void} */
  keep(key, answer) {
    this.known.delete(key);
    this.known.set(key, answer);
    while (this.known.size > KEPT_ANSWERS) this.known.delete(this.known.keys().next().value);
  }

  /** @type {(data: string) => { arrays: Object<string, NamedArray>, meta: object, data: string }} */
  read(data) {
    const { meta, runs } = readMessage(bytesOf(data));
    return { arrays: runs[0] ?? {}, meta: meta.runs[0], data };
  }

  // Say why there is no more; what was known when it was cancelled stays. A fetch that breaks is a TypeError.
  /** @type {(key: string, answer: Answer, error: Error) => void} */
  fail(key, answer, error) {
    if (error instanceof TypeError) answer.error = "The connection to the server broke; ask again.";
    else if (error.name !== "AbortError") answer.error = error.message;
    else if (!answer.arrays) this.known.delete(key);
  }
}
