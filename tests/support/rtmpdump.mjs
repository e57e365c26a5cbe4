// rtmpdump, librtmp's own player: writes what it is sent to an FLV file.
import { Child } from './process.mjs';

export function rtmpdumpPlay(url, file, seconds) {
  return new Child('rtmpdump', ['--live', '--rtmp', url, '--flv', file, '--stop', String(seconds), '--timeout', '10']);
}
