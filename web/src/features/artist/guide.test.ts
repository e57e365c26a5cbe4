import { expect, test } from 'vitest';
import { ffmpegCommand, joined } from './guide';

test('the key stands at the end of the server, with one slash between', () => {
  expect(joined('rtmp://live.example/live/', 'k')).toBe('rtmp://live.example/live/k');
  expect(joined('rtmp://live.example/live', 'k')).toBe('rtmp://live.example/live/k');
});

test('no server can break out of the command', () => {
  expect(ffmpegCommand("rtmp://a'; rm -rf ~; '/live", 'k')).toContain(`-f flv 'rtmp://a'\\''; rm -rf ~; '\\''/live/k'`);
});
