import { describe, expect, it } from 'vitest';
import { isPushUrl, splitPastedUrl } from './splitUrl';

describe('a pasted URL', () => {
  it.each([
    ['rtmps://live-api-s.facebook.com:443/rtmp/1234567890?s_bl=1&s_sw=0&a=Ab/c', 'rtmps://live-api-s.facebook.com:443/rtmp', '1234567890?s_bl=1&s_sw=0&a=Ab/c'],
    ['rtmp://push-rtmp-l11-va01.tiktokcdn.com/game/stream-123?expire=65f0&sign=ab', 'rtmp://push-rtmp-l11-va01.tiktokcdn.com/game', 'stream-123?expire=65f0&sign=ab'],
    ['rtmp://live.twitch.tv/app/live_1_abc', 'rtmp://live.twitch.tv/app', 'live_1_abc'],
    ['rtmp://live-push.bilivideo.com/live-bvc/?streamname=live_1&key=ab', 'rtmp://live-push.bilivideo.com/live-bvc', '?streamname=live_1&key=ab'],
    ['rtmp://h/vhost/app/key', 'rtmp://h/vhost/app', 'key'],
    ['rtmps://dc4-1.rtmp.t.me/s/123456:ABC', 'rtmps://dc4-1.rtmp.t.me/s', '123456:ABC'],
    ['rtmp://[2001:db8::1]:1935/live/key', 'rtmp://[2001:db8::1]:1935/live', 'key'],
    ['  rtmp://h/live/key\r\n', 'rtmp://h/live', 'key'],
  ])('is cut where the key begins: %s', (text, serverUrl, key) => {
    expect(splitPastedUrl(text)).toEqual({ serverUrl, key });
  });

  it.each([
    ['rtmps://a.rtmps.youtube.com:443/live2', 'rtmps://a.rtmps.youtube.com:443/live2'],
    ['rtmps://b.rtmps.youtube.com:443/live2?backup=1', 'rtmps://b.rtmps.youtube.com:443/live2?backup=1'],
    ['rtmps://live-api-s.facebook.com:443/rtmp/', 'rtmps://live-api-s.facebook.com:443/rtmp'],
    ['rtmp://h', 'rtmp://h'],
    ['rtmp://h?key=a/b', 'rtmp://h?key=a/b'],
    ['just-a-key', 'just-a-key'],
    ['', ''],
  ])('stays whole where there is no key: %s', (text, serverUrl) => {
    expect(splitPastedUrl(text)).toEqual({ serverUrl, key: '' });
  });

  it('is told from a key', () => {
    expect(isPushUrl(' RTMPS://h/app/k')).toBe(true);
    expect(isPushUrl('live_1_abc?bandwidthtest=true')).toBe(false);
  });
});
