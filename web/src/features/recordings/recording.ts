// What a recording is called, its state, and the pages of their list. Pure.
import type { Schemas } from '@/shared/api/client';
import type { Tone } from '@/shared/components/StatusMark';
import { recordings as text } from '@/text/en/recordings';

export type Recording = Schemas['Asset'];
export interface RecordingPage {
  assets: Recording[];
  nextCursor: string | null;
}

const TONES: Record<Recording['status'], Tone> = { recording: 'good', processing: 'wait', ready: 'good', failed: 'bad' };

export function recordingMark({ status, error }: Pick<Recording, 'status' | 'error'>): { tone: Tone; label: string } {
  if (status === 'recording' && error) return { tone: 'bad', label: text.trouble };
  return { tone: TONES[status] ?? 'wait', label: text.status[status] ?? status };
}

export const titleOf = ({ title }: Pick<Recording, 'title'>): string => title.trim() || text.untitled;

/** Its files are still being written. */
export const isRunning = ({ status }: Pick<Recording, 'status'>): boolean => status === 'recording' || status === 'processing';

export function without<Page extends RecordingPage>(pages: Page[], id: string): Page[] {
  return pages.map((page) => (page.assets.some((one) => one.id === id) ? { ...page, assets: page.assets.filter((one) => one.id !== id) } : page));
}

export function withRecording<Page extends RecordingPage>(pages: Page[], changed: Recording): Page[] {
  return pages.map((page) => (page.assets.some((one) => one.id === changed.id) ? { ...page, assets: page.assets.map((one) => (one.id === changed.id ? changed : one)) } : page));
}
