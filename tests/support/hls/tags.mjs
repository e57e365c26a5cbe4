// The tags of draft-pantos-hls-rfc8216bis-22, section 4.4, as data: {section, of, once, value, attributes}. `of` is the kind of
// playlist: 'any', 'media' (once for the whole), 'segment', 'metadata' or 'multivariant'.
const INT = 'int';
const FLOAT = 'float';
const SIGNED = 'signed';
const QUOTED = 'quoted';
const HEX = 'hex';
const YES = ['YES'];
const YES_NO = ['YES', 'NO'];
// A required attribute.
const need = (type) => ({ type, required: true });
const may = (type) => ({ type, required: false });

const tag = (section, of, value, { once = of === 'media', attributes } = {}) => ({ section, of, value, once, attributes });
const list = (section, of, attributes, options) => tag(section, of, 'attributes', { ...options, attributes });
const ONCE = { once: true };

export const TAGS = {
  EXTM3U: tag('4.4.1.1', 'any', 'none', ONCE),
  'EXT-X-VERSION': tag('4.4.1.2', 'any', INT, ONCE),
  'EXT-X-INDEPENDENT-SEGMENTS': tag('4.4.2.1', 'any', 'none', ONCE),
  'EXT-X-START': list('4.4.2.2', 'any', { 'TIME-OFFSET': need(SIGNED), PRECISE: may(YES_NO) }, ONCE),
  'EXT-X-DEFINE': list('4.4.2.3', 'any', { NAME: may(QUOTED), VALUE: may(QUOTED), IMPORT: may(QUOTED), QUERYPARAM: may(QUOTED) }),

  'EXT-X-TARGETDURATION': tag('4.4.3.1', 'media', INT),
  'EXT-X-MEDIA-SEQUENCE': tag('4.4.3.2', 'media', INT),
  'EXT-X-DISCONTINUITY-SEQUENCE': tag('4.4.3.3', 'media', INT),
  'EXT-X-ENDLIST': tag('4.4.3.4', 'media', 'none'),
  'EXT-X-PLAYLIST-TYPE': tag('4.4.3.5', 'media', ['EVENT', 'VOD']),
  'EXT-X-I-FRAMES-ONLY': tag('4.4.3.6', 'media', 'none'),
  'EXT-X-PART-INF': list('4.4.3.7', 'media', { 'PART-TARGET': need(FLOAT) }),
  'EXT-X-SERVER-CONTROL': list('4.4.3.8', 'media', {
    'CAN-SKIP-UNTIL': may(FLOAT), 'CAN-SKIP-DATERANGES': may(YES), 'HOLD-BACK': may(FLOAT), 'PART-HOLD-BACK': may(FLOAT), 'CAN-BLOCK-RELOAD': may(YES),
  }),

  EXTINF: tag('4.4.4.1', 'segment', 'extinf'),
  'EXT-X-BYTERANGE': tag('4.4.4.2', 'segment', 'range'),
  'EXT-X-DISCONTINUITY': tag('4.4.4.3', 'segment', 'none'),
  'EXT-X-KEY': list('4.4.4.4', 'segment', { METHOD: need('enum'), URI: may(QUOTED), IV: may(HEX), KEYFORMAT: may(QUOTED), KEYFORMATVERSIONS: may(QUOTED) }),
  'EXT-X-MAP': list('4.4.4.5', 'segment', { URI: need(QUOTED), BYTERANGE: may('quoted-full-range') }),
  'EXT-X-PROGRAM-DATE-TIME': tag('4.4.4.6', 'segment', 'date'),
  'EXT-X-GAP': tag('4.4.4.7', 'segment', 'none'),
  'EXT-X-BITRATE': tag('4.4.4.8', 'segment', INT),
  'EXT-X-PART': list('4.4.4.9', 'segment', { URI: need(QUOTED), DURATION: need(FLOAT), INDEPENDENT: may(YES), BYTERANGE: may('quoted-range'), GAP: may(YES) }),

  'EXT-X-DATERANGE': list('4.4.5.1', 'metadata', { ID: need(QUOTED) }),
  'EXT-X-SKIP': list('4.4.5.2', 'metadata', { 'SKIPPED-SEGMENTS': need(INT), 'RECENTLY-REMOVED-DATERANGES': may(QUOTED) }, ONCE),
  'EXT-X-PRELOAD-HINT': list('4.4.5.3', 'metadata', { TYPE: need(['PART', 'MAP']), URI: need(QUOTED), 'BYTERANGE-START': may(INT), 'BYTERANGE-LENGTH': may(INT) }),
  // Even a required attribute may be left out where it equals this playlist's own.
  'EXT-X-RENDITION-REPORT': list('4.4.5.4', 'metadata', { URI: need(QUOTED), 'LAST-MSN': may(INT), 'LAST-PART': may(INT) }),

  'EXT-X-MEDIA': list('4.4.6.1', 'multivariant', {
    TYPE: need(['AUDIO', 'VIDEO', 'SUBTITLES', 'CLOSED-CAPTIONS']), 'GROUP-ID': need(QUOTED), NAME: need(QUOTED), URI: may(QUOTED), LANGUAGE: may(QUOTED),
    'ASSOC-LANGUAGE': may(QUOTED), DEFAULT: may(YES_NO), AUTOSELECT: may(YES_NO), FORCED: may(YES_NO), 'INSTREAM-ID': may(QUOTED), CHARACTERISTICS: may(QUOTED),
    CHANNELS: may(QUOTED), 'BIT-DEPTH': may(INT), 'SAMPLE-RATE': may(INT), 'STABLE-RENDITION-ID': may(QUOTED),
  }),
  'EXT-X-STREAM-INF': list('4.4.6.2', 'multivariant', {
    BANDWIDTH: need(INT), 'AVERAGE-BANDWIDTH': may(INT), SCORE: may(FLOAT), CODECS: may(QUOTED), 'SUPPLEMENTAL-CODECS': may(QUOTED), RESOLUTION: may('resolution'),
    'FRAME-RATE': may(FLOAT), 'HDCP-LEVEL': may('enum'), 'VIDEO-RANGE': may(['SDR', 'HLG', 'PQ']), AUDIO: may(QUOTED), VIDEO: may(QUOTED), SUBTITLES: may(QUOTED),
    'STABLE-VARIANT-ID': may(QUOTED), 'PATHWAY-ID': may(QUOTED),
  }),
  'EXT-X-I-FRAME-STREAM-INF': list('4.4.6.3', 'multivariant', { BANDWIDTH: need(INT), URI: need(QUOTED), CODECS: may(QUOTED), RESOLUTION: may('resolution') }),
  'EXT-X-SESSION-DATA': list('4.4.6.4', 'multivariant', { 'DATA-ID': need(QUOTED) }),
  'EXT-X-SESSION-KEY': list('4.4.6.5', 'multivariant', { METHOD: need('enum') }),
  'EXT-X-CONTENT-STEERING': list('4.4.6.6', 'multivariant', { 'SERVER-URI': need(QUOTED), 'PATHWAY-ID': may(QUOTED) }, ONCE),
};

const FORMS = {
  none: /^$/,
  int: /^\d{1,20}$/,
  float: /^(\d+(\.\d*)?|\.\d+)$/,
  signed: /^-?(\d+(\.\d*)?|\.\d+)$/,
  quoted: /^"[^"]*"$/,
  hex: /^0[xX][0-9A-Fa-f]+$/,
  enum: /^[^",\s]+$/,
  resolution: /^\d+x\d+$/,
  range: /^\d+(@\d+)?$/,
  'quoted-range': /^"\d+(@\d+)?"$/,
  'quoted-full-range': /^"\d+@\d+"$/,
  extinf: /^(\d+(\.\d*)?|\.\d+),/,
  date: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/,
};

export const fits = (type, value) => (Array.isArray(type) ? type.includes(value) : FORMS[type].test(value));
