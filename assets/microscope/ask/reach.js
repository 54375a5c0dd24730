// The way to the server. Where none answers, a browser says no more than "Failed to fetch".

const UNREACHED = "The server cannot be reached; try again once it can.";

/**
 * As fetch; where no server answers, the Error that is thrown has one sentence and `unreached`.
 * @type {(address: string|URL, about?: RequestInit) => Promise<Response>}
 */
export async function reach(address, about) {
  try {
    return await fetch(address, about);
  } catch (error) {
    throw error instanceof TypeError ? Object.assign(new Error(UNREACHED), { unreached: true }) : error;
  }
}
