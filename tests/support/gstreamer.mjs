// GStreamer as an encoder: rtmp2sink is its own RTMP, rtmpsink is librtmp.
import { Child } from './process.mjs';

const SOURCES = 'videotestsrc is-live=true num-buffers=1800 ! video/x-raw,width=320,height=180,framerate=30/1 ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=30 '
  + '! video/x-h264,profile=baseline ! h264parse ! queue ! mux. '
  + 'audiotestsrc is-live=true samplesperbuffer=1024 ! audio/x-raw,rate=44100,channels=2 ! avenc_aac bitrate=64000 ! aacparse ! queue ! mux. ';

const words = (text) => text.trim().split(/\s+/);

export function rtmp2sinkPublish(url) {
  return new Child('gst-launch-1.0', ['-q', ...words(SOURCES), ...words('flvmux name=mux streamable=true ! rtmp2sink'), `location=${url}`]);
}

export function rtmpsinkPublish(url) {
  return new Child('gst-launch-1.0', ['-q', ...words(SOURCES), ...words('flvmux name=mux streamable=true ! rtmpsink'), `location=${url} live=1`]);
}

// Plays by rtmp2src into an FLV file.
export function rtmp2srcPlay(url, file) {
  return new Child('gst-launch-1.0', ['-q', 'rtmp2src', `location=${url}`, '!', 'filesink', `location=${file}`]);
}
