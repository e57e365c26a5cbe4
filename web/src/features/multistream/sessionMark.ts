// The colour, shape and word of a session's state.
import type { Tone } from '@/shared/components/StatusMark';
import { common } from '@/text/en/common';

export function sessionMark(status: string): { tone: Tone; label: string } {
  if (status === 'live') return { tone: 'good', label: common.state.live };
  if (status === 'waiting') return { tone: 'wait', label: common.state.waiting };
  if (status === 'interrupted') return { tone: 'bad', label: common.state.interrupted };
  return { tone: 'off', label: common.state.ended };
}

const ISSUE_TONES: Record<string, Tone> = { critical: 'bad', warning: 'wait', error: 'bad', info: 'off' };
export const issueTone = (severity: string): Tone => ISSUE_TONES[severity] ?? 'off';
