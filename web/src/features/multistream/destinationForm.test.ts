import { describe, expect, it } from 'vitest';
import type { Platform } from './api';
import { formOf, toChange, toCreate, withPlatform } from './destinationForm';
import type { Destination } from './patch';

const platform = (id: string, urls: string[], bridgeNeeded = false) => ({ id, ingestUrls: urls.map((url) => ({ label: '', url })), bridgeNeeded }) as unknown as Platform;
const twitch = platform('twitch', ['rtmps://t/app']);
const custom = platform('custom', []);
const tiktok = platform('tiktok', [], true);
const kept = { platform: 'twitch', name: 'Mine', rtmpUrl: 'rtmps://t/app', streamKeyMasked: '••••••••1234', bridgeProxyUrl: null, stationId: null, isActive: true, maxRetries: 0, playbackUrl: null } as Destination;

describe('the form of a destination', () => {
  it('never holds the key that is there', () => {
    expect(formOf(kept, twitch).streamKey).toBe('');
  });
  it('sends only what was changed, and a key only when one was typed', () => {
    const form = formOf(kept, twitch);
    expect(toChange(form, kept)).toEqual({});
    expect(toChange({ ...form, name: ' Yours ', streamKey: ' k?a=b ' }, kept)).toEqual({ name: 'Yours', streamKey: ' k?a=b ' });
    expect(toChange({ ...form, rtmpUrl: '', bridgeProxyUrl: 'https://b/in' }, kept)).toEqual({ rtmpUrl: '', bridgeProxyUrl: 'https://b/in' });
  });
  it('leaves out what is empty when it is new', () => {
    expect(toCreate(formOf(undefined, twitch))).toEqual({ platform: 'twitch', rtmpUrl: 'rtmps://t/app', isActive: true, maxRetries: 0 });
  });
  it('takes the URL of the platform that is chosen', () => {
    const form = formOf(undefined, twitch);
    expect(withPlatform(form, tiktok, twitch).rtmpUrl).toBe('');
    expect(withPlatform({ ...form, rtmpUrl: 'rtmp://own/app' }, custom, twitch).rtmpUrl).toBe('rtmp://own/app');
    expect(withPlatform({ ...form, rtmpUrl: 'rtmp://own/app' }, twitch, custom).rtmpUrl).toBe('rtmps://t/app');
  });
});
