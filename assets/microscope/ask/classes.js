// A class together, as the server is told of it and as it is heard.

import { eventsOf } from "./answers.js";
import { reach } from "./reach.js";

const GONE = [403, 404, 410]; // answers after which it is of no use to ask again

async function sent(message, signal) {
  const reply = await reach("class", { method: "POST", body: JSON.stringify(message), signal });
  if (reply.ok) return reply;
  const error = new Error(await reply.text());
  error.gone = GONE.includes(reply.status);
  throw error;
}

/** @type {(message: object) => Promise<object|null>} what the server answers; throws an Error with one sentence */
export async function sendClass(message) {
  const reply = await sent(message);
  return reply.status === 204 ? null : reply.json();
}

/** @type {(message: object) => Promise<Blob>} the counts of a class as CSV */
export const classCounts = async (message) => (await sent(message)).blob();

/** @type {(message: object, signal: AbortSignal) => AsyncGenerator<object>} what changes, as it changes */
export async function* hearClass(message, signal) {
  yield* eventsOf(await sent(message, signal));
}
