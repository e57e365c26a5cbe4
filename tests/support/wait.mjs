// Waiting for things to happen, each with a deadline. Nothing here sleeps for luck.
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 25;

// Calls `condition` until it gives something true, and gives that. A condition that throws is not true yet. `describe`
// says what was seen instead, for the failure.
export async function waitFor(what, condition, { timeoutMs = 10_000, everyMs = POLL_MS, describe } = {}) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let failure;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) {
      const seen = describe ? `; last seen: ${JSON.stringify(await describe())}` : '';
      throw new Error(`waited ${timeoutMs} ms for ${what}${seen}`, { cause: failure });
    }
    await pause(everyMs);
  }
}

// The next `event` of an emitter that `accepts` accepts.
export function eventOf(emitter, event, { accepts = () => true, timeoutMs = 10_000, what = event } = {}) {
  return new Promise((resolve, reject) => {
    const check = (value) => {
      if (!accepts(value)) return;
      clearTimeout(timer);
      emitter.off(event, check);
      resolve(value);
    };
    const timer = setTimeout(() => {
      emitter.off(event, check);
      reject(new Error(`waited ${timeoutMs} ms for ${what}`));
    }, timeoutMs);
    emitter.on(event, check);
  });
}

// Fails when the promise takes longer than it may.
export async function within(timeoutMs, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
