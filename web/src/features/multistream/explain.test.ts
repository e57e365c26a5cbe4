import { describe, expect, it } from 'vitest';
import { explain, sentence, type Problem } from './explain';

describe('a problem', () => {
  const all: Problem[] = ['dns_failed', 'address_not_allowed', 'connection_refused', 'connection_timed_out', 'connection_lost', 'tls_failed', 'handshake_timed_out', 'protocol_error', 'key_refused', 'stalled', 'too_slow', 'misconfigured'];
  it.each(all)('is told with what to do: %s', (problem) => {
    const told = explain(problem, { name: 'Twitch' })!;
    expect(told.what).toMatch(/^[A-Z].*\.$/);
    expect(told.todo).toMatch(/^[A-Z].*\.$/);
    expect(told.what).not.toContain('_');
  });
  it('of the key says where a new one is', () => {
    expect(explain('key_refused', { name: 'Twitch', keyHelp: 'Creator Dashboard, Settings, Stream.' })!.todo).toContain('Creator Dashboard');
  });
  it('is none while nothing is wrong', () => {
    expect(explain('none', { name: 'Twitch' })).toBeUndefined();
    expect(explain('waiting_for_encoder', { name: 'Twitch' })).toBeUndefined();
  });
  it('of a later server is told as well', () => {
    expect(explain('brand_new' as Problem, { name: 'Twitch' })!.what).toContain('Twitch');
  });
  it('becomes a sentence', () => {
    expect(sentence('the connection was lost: reset')).toBe('The connection was lost: reset.');
    expect(sentence('Why?')).toBe('Why?');
    expect(sentence(' ')).toBe('');
  });
});
