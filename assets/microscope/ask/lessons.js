// Asking the server for the steps of a lesson. What is revealed comes with the answer to a guess, never before.

import { reach } from "./reach.js";

async function read(reply) {
  if (!reply.ok) throw new Error(await reply.text());
  return reply.json();
}

/** @type {(name: string, step: number) => Promise<object>} a step as it is before a guess */
export const askStep = async (name, step) => read(await reach(`lesson?${new URLSearchParams({ name, step })}`));

/** @type {(name: string, step: number, guess: unknown) => Promise<object>} what is revealed to a guess */
export const sendGuess = async (name, step, guess) =>
  read(await reach("lesson", { method: "POST", body: JSON.stringify({ name, step, guess }) }));
