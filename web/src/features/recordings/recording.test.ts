import { expect, test } from 'vitest';
import { isRunning, recordingMark, titleOf, withRecording, without, type Recording } from './recording';

const made = (id: string, over: Partial<Recording> = {}) => ({ id, title: id, status: 'ready', error: null, recordedAt: '2026-01-31T20:00:00Z', ...over }) as Recording;

test('each state has its colour and its word', () => {
  expect(recordingMark(made('a'))).toEqual({ tone: 'good', label: 'Ready' });
  expect(recordingMark(made('a', { status: 'processing' }))).toEqual({ tone: 'wait', label: 'Being finished' });
  expect(recordingMark(made('a', { status: 'failed', error: 'x' }))).toEqual({ tone: 'bad', label: 'Failed' });
});

test('a full disk is no quiet green', () => {
  expect(recordingMark(made('a', { status: 'recording' })).tone).toBe('good');
  expect(recordingMark(made('a', { status: 'recording', error: 'The disk is full.' }))).toEqual({ tone: 'bad', label: 'Recording has trouble' });
});

test('what still runs cannot be deleted', () => {
  expect([made('a', { status: 'recording' }), made('a', { status: 'processing' }), made('a'), made('a', { status: 'failed' })].map(isRunning)).toEqual([true, true, false, false]);
});

test('a recording without a title has a name', () => expect(titleOf({ title: ' ' })).toBe('Untitled show'));

test('one recording is taken out or replaced on its page alone', () => {
  const pages = [{ assets: [made('a'), made('b')], nextCursor: 'x' }, { assets: [made('c')], nextCursor: null }];
  expect(without(pages, 'a')[0]!.assets.map(({ id }) => id)).toEqual(['b']);
  expect(without(pages, 'a')[1]).toBe(pages[1]);
  expect(withRecording(pages, made('c', { title: 'new' }))[1]!.assets[0]!.title).toBe('new');
});
