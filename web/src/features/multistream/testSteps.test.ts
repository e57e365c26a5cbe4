import { expect, it } from 'vitest';
import { testSteps } from './testSteps';

const step = (name: 'dns' | 'tcp' | 'tls' | 'handshake', ok = true) => ({ name, ok, tookMs: 3, message: ok ? null : 'no' });

it('tells the steps that were not reached', () => {
  const steps = testSteps({ ok: false, steps: [step('dns'), step('tcp'), step('tls', false)] }, { rtmpUrl: 'rtmps://h/app', bridgeProxyUrl: null });
  expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual(['dns passed', 'tcp passed', 'tls failed', 'handshake notReached', 'connect notReached', 'publish notReached']);
  expect(steps[2]!.message).toBe('no');
});
it('knows no TLS where there is none, and no RTMP over a bridge of HTTP', () => {
  expect(testSteps({ ok: false, steps: [step('dns', false)] }, { rtmpUrl: 'rtmp://h/app', bridgeProxyUrl: null }).map(({ name }) => name)).toEqual(['dns', 'tcp', 'handshake', 'connect', 'publish']);
  expect(testSteps({ ok: false, steps: [step('dns', false)] }, { rtmpUrl: 'rtmp://h/app', bridgeProxyUrl: 'https://b/in' }).map(({ name }) => name)).toEqual(['dns', 'tcp', 'tls']);
});
it('adds nothing to a test that passed', () => {
  expect(testSteps({ ok: true, steps: [step('dns'), step('tcp')] }, { rtmpUrl: 'rtmp://h/app', bridgeProxyUrl: null })).toHaveLength(2);
});
