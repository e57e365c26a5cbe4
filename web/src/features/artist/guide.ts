// The values that go into each encoder. Pure.
export const DOTS = '•'.repeat(16);

export const joined = (server: string, key: string): string => `${server.replace(/\/$/, '')}/${key}`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export function ffmpegCommand(server: string, key: string): string {
  return `ffmpeg -re -i input.mp4 -c:v libx264 -preset veryfast -b:v 4500k -maxrate 4500k -bufsize 9000k -pix_fmt yuv420p -r 30 -g 60 -c:a aac -b:a 160k -ar 48000 -f flv ${quoted(joined(server, key))}`;
}
