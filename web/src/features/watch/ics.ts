// A show as a calendar's event (RFC 5545). Pure.
export interface CalendarShow {
  uid: string;
  title: string;
  description: string;
  url: string;
  start: Date;
  stamp: Date;
  lengthMin?: number;
}

const LINE_OCTETS = 75;
const encoder = new TextEncoder();

/** § 3.3.11 */
export function escapeText(text: string): string {
  return text.replace(/[\\;,]/g, (found) => `\\${found}`).replace(/\r\n|\r|\n/g, '\\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}

/** § 3.1: no line is longer than 75 octets; what goes on begins with a space. No character is cut in two. */
export function fold(line: string): string {
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (octets + size > LINE_OCTETS) {
      folded += '\r\n ';
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return folded;
}

const utc = (time: Date): string => `${time.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

export function calendarOf({ uid, title, description, url, start, stamp, lengthMin = 60 }: CalendarShow): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Everycast//Everycast//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${escapeText(uid)}`,
    `DTSTAMP:${utc(stamp)}`,
    `DTSTART:${utc(start)}`,
    `DURATION:PT${lengthMin}M`,
    `SUMMARY:${escapeText(title)}`,
    ...(description ? [`DESCRIPTION:${escapeText(`${description}\n\n${url}`)}`] : [`DESCRIPTION:${escapeText(url)}`]),
    `URL:${url.replace(/[\r\n]/g, '')}`,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'TRIGGER:-PT10M',
    `DESCRIPTION:${escapeText(title)}`,
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

/** A name that every file system takes. */
export function fileNameOf(title: string): string {
  const name = title.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60);
  return `${name || 'show'}.ics`;
}
