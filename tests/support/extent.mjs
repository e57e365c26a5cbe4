// How much is tested: by default what a busy machine does in little time, under EVERYCAST_FULL=1 everything.
export const FULL = process.env.EVERYCAST_FULL === '1';

// A bound that is exact in a full run, and otherwise has room for a machine that does other things too.
export const slack = (exact, generous) => (FULL ? exact : generous);
