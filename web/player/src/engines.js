// What can play a stream in this browser. An engine is started on a video element and says what happens:
//   start(video, url, {onTrouble, live}) → {name, stop(), latency(), toLiveEdge()}
// onTrouble({why}) is called at most once; the engine is of no use any more. why: 'refused' (no right), 'gone' (not there),
// 'ended', 'network', 'media'.
import { startHls } from './engine-hls.js';
import { startNative } from './engine-native.js';

// Few pages ask for it.
const startFlv = async (...how) => (await import('./engine-flv.js')).startFlv(...how);

export const canPlayHlsItself = (video) => video.canPlayType('application/vnd.apple.mpegurl') !== '';
const isSafari = (video) => 'webkitSetPresentationMode' in video;
const hasMediaSource = () => 'MediaSource' in window || 'ManagedMediaSource' in window;

export function chooseEngine(video, { wanted, flvUrl }) {
  if (wanted.startsWith('flv') && flvUrl && 'MediaSource' in window) return startFlv;
  if (canPlayHlsItself(video) && (wanted === 'native' || (wanted !== 'hls' && isSafari(video)))) return startNative;
  if (hasMediaSource()) return startHls;
  return canPlayHlsItself(video) ? startNative : undefined;
}
