import { expect, test } from 'vitest';
import { calendarOf, escapeText, fileNameOf, fold } from './ics';

const show = {
  uid: 'ls_1@live.example',
  title: 'Late, later; latest\\',
  description: 'From the attic\r\nBring tea',
  url: 'https://live.example/livestreams/ls_1',
  start: new Date('2026-02-06T20:00:00Z'),
  stamp: new Date('2026-01-01T00:00:00.123Z'),
};
const lines = (text: string) => text.replace(/\r\n /g, '').split('\r\n');

test('a show is an event with its time in UTC and its text escaped', () => {
  const told = lines(calendarOf(show));
  expect(told).toContain('DTSTART:20260206T200000Z');
  expect(told).toContain('DTSTAMP:20260101T000000Z');
  expect(told).toContain('DURATION:PT60M');
  expect(told).toContain('SUMMARY:Late\\, later\\; latest\\\\');
  expect(told).toContain('DESCRIPTION:From the attic\\nBring tea\\n\\nhttps://live.example/livestreams/ls_1');
  expect(told).toContain('URL:https://live.example/livestreams/ls_1');
  expect(told[0]).toBe('BEGIN:VCALENDAR');
  expect(told.slice(-2)).toEqual(['END:VCALENDAR', '']);
});

test('no text can add a line of its own', () => {
  const told = calendarOf({ ...show, title: 'x\r\nATTENDEE:mailto:a@b.c', url: 'https://e/\r\nX:1' });
  expect(lines(told).filter((line) => /^(ATTENDEE|X):/.test(line))).toEqual([]);
  expect(escapeText('a\u0000b\rc')).toBe('ab\\nc');
});

test('lines end with CR LF and hold 75 octets at most, whatever the script', () => {
  const told = calendarOf({ ...show, title: 'Ночное радио 🎧 '.repeat(12) });
  expect(told.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  for (const line of told.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  expect(lines(told).find((line) => line.startsWith('SUMMARY:'))).toBe(`SUMMARY:${'Ночное радио 🎧 '.repeat(12)}`);
  expect(fold('x'.repeat(75))).toBe('x'.repeat(75));
  expect(fold('x'.repeat(76))).toBe(`${'x'.repeat(75)}\r\n x`);
});

test('a file is called like its show, as far as a file can be', () => {
  expect(fileNameOf('Friday: the show?')).toBe('Friday-the-show.ics');
  expect(fileNameOf('../..')).toBe('show.ics');
});
