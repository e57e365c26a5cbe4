// What the server tells of the disk of the recordings. Pure.
export interface Space {
  low: boolean;
  freeBytes: number;
  totalBytes: number;
  freePercent: number;
}

export function spaceOf(data: Record<string, unknown>): Space | undefined {
  const { low, freeBytes, totalBytes, freePercent } = data;
  if (typeof low !== 'boolean' || typeof freeBytes !== 'number' || typeof totalBytes !== 'number' || typeof freePercent !== 'number') return undefined;
  return { low, freeBytes, totalBytes, freePercent };
}
