// What is opened during a test file is ended with it, also when a test fails half way: an open socket or child would
// keep the file's process alive for ever.
import { after } from 'node:test';

const open = new Set();

// Registers how to end something; gives a function that takes it off the list.
export function endLater(end) {
  open.add(end);
  return () => open.delete(end);
}

after(async () => {
  await Promise.all([...open].map((end) => end()));
});
