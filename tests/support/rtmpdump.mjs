// rtmpdump, librtmp's own player: writes what it is sent to an FLV file until it is stopped.
import { Child } from './process.mjs';

export function rtmpdumpPlay(url, file) {
  return new Child('rtmpdump', ['--live', '--rtmp', url, '--flv', file, '--timeout', '10']);
}
