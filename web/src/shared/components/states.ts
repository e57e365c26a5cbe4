// The colour of each state the server tells of. Words are in text/en/common.
import type { Tone } from './StatusMark';
import { common } from '@/text/en/common';

export type OutputState = 'connected' | 'connecting' | 'unknown' | 'error' | 'disconnected';
const OUTPUTS: Record<OutputState, Tone> = { connected: 'good', connecting: 'wait', unknown: 'wait', error: 'bad', disconnected: 'off' };

export function outputMark(state: string): { tone: Tone; label: string } {
  const known = (state in OUTPUTS ? state : 'unknown') as OutputState;
  return { tone: OUTPUTS[known], label: common.state[known] };
}
export function healthMark(level: string): { tone: Tone; label: string } {
  if (level === 'healthy') return { tone: 'good', label: common.state.healthy };
  if (level === 'degraded') return { tone: 'wait', label: common.state.degraded };
  return { tone: 'bad', label: common.state.unhealthy };
}
