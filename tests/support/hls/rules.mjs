// Every rule that the checker knows: {section, level, says}. Sections are those of draft-pantos-hls-rfc8216bis-22. MUST and
// SHOULD are the specification's; OURS is what we promise beyond it, so that caches in front of us do right.
const must = (section, says) => ({ section, level: 'MUST', says });
const should = (section, says) => ({ section, level: 'SHOULD', says });
const ours = (section, says) => ({ section, level: 'OURS', says });

export const RULES = {
  // The text.
  encoding: must('4.1', 'a playlist is UTF-8 without a byte order mark or control characters'),
  whitespace: must('4.1', 'white space stands only where a tag allows it'),
  'first-line': must('4.4.1.1', 'the first line is #EXTM3U'),
  'tag-value': must('4.2', "a tag's value has the form that its section gives"),
  'attribute-list': must('4.2', 'attributes are NAME=value, separated by commas, each name once'),
  'attribute-value': must('4.2', 'an attribute has the type, and one of the values, that its section gives'),
  'attribute-missing': must('4.4', 'required attributes are there'),
  'tag-twice': must('4.4.3', 'a tag of the whole playlist stands once'),
  'tags-mixed': must('4.4.6', 'tags of multivariant and of media playlists do not meet'),
  version: must('8', 'EXT-X-VERSION is as high as what the playlist uses asks for'),
  'version-high': should('6.2.1', 'EXT-X-VERSION is no higher than needed'),

  // One media playlist.
  'target-duration-missing': must('4.4.3.1', 'EXT-X-TARGETDURATION is there'),
  'target-duration': must('4.4.3.1', 'no rounded EXTINF is over the target duration'),
  'extinf-missing': must('4.4.4.1', 'each segment has an EXTINF'),
  'segment-uri-missing': must('4.4.4', 'tags of a segment are followed by its URI'),
  'sequence-order': must('4.4.3.2', 'EXT-X-MEDIA-SEQUENCE stands before the first segment'),
  'discontinuity-sequence-order': must('4.4.3.3', 'EXT-X-DISCONTINUITY-SEQUENCE stands before the first segment and discontinuity'),
  'byte-range-offset': must('4.4.4.2', 'a byte range without an offset follows one of the same resource'),
  'part-inf-missing': must('4.4.3.7', 'parts come with EXT-X-PART-INF'),
  'part-hold-back-missing': must('4.4.3.8', 'EXT-X-PART-INF comes with PART-HOLD-BACK'),
  'part-hold-back': must('4.4.3.8', 'PART-HOLD-BACK is at least twice the part target'),
  'part-hold-back-short': should('4.4.3.8', 'PART-HOLD-BACK is at least three times the part target'),
  'hold-back': must('4.4.3.8', 'HOLD-BACK is at least three times the target duration'),
  'skip-boundary': must('4.4.3.8', 'CAN-SKIP-UNTIL is at least six times the target duration'),
  'skip-dateranges': must('4.4.3.8', 'CAN-SKIP-DATERANGES comes with CAN-SKIP-UNTIL'),
  'part-long': must('4.4.4.9', 'no part is over the part target'),
  'part-short': must('4.4.4.9', 'a part is at least 85 % of the part target'),
  'part-order': must('4.4.4.9', "a segment's map, key, date and discontinuity stand before its first part"),
  'part-sum': must('3.2', "a segment's parts add up to the segment"),
  'part-old': should('6.2.2', 'parts are listed for three target durations'),
  'hint-after-end': must('4.4.5.3', 'a playlist that has ended hints at nothing'),
  'hint-twice': should('6.2.6', 'there is one hint of each type'),
  'report-uri': must('4.4.5.4', "a rendition report's URI is relative"),
  'daterange-undated': must('4.4.5.1', 'date ranges come with EXT-X-PROGRAM-DATE-TIME'),
  'date-time': must('6.2.1', 'dates go with durations'),
  'date-time-discontinuity': should('6.2.1', 'where there are dates, each discontinuity has one'),

  // The multivariant playlist, and playlists beside each other.
  'variant-uri-missing': must('4.4.6.2', 'EXT-X-STREAM-INF is followed by a URI'),
  'group-missing': must('4.4.6.2', 'a group that a variant names is there'),
  'group-names': must('4.4.6.1.1', 'names in a group differ'),
  'group-default': must('4.4.6.1.1', 'a group has one default at most'),
  autoselect: must('4.4.6.1', 'a default rendition is AUTOSELECT=YES, if it says so at all'),
  channels: should('4.4.6.1', 'audio renditions say their channels'),
  'codecs-missing': should('4.4.6.2', 'variants say their codecs'),
  codecs: must('6.2.4', 'CODECS names every format of the segments'),
  'target-durations-differ': must('6.2.4', 'all media playlists have one target duration'),
  'server-control-differs': must('6.2.4', 'all media playlists have the same EXT-X-SERVER-CONTROL'),
  'playlist-type-differs': must('6.2.4', 'all media playlists have the same EXT-X-PLAYLIST-TYPE'),
  'date-time-missing': must('6.2.4', 'all media playlists have dates, or none'),

  // From one version to the next.
  'media-sequence-back': must('6.2.2', 'the media sequence number never goes back'),
  'discontinuity-sequence-back': must('6.2.2', 'the discontinuity sequence number never goes back'),
  'discontinuity-number': must('6.2.2', "a segment's discontinuity number stays"),
  'segment-changed': must('6.2.1', 'a segment that is listed stays as it is'),
  'segment-removed': must('6.2.2', 'segments go from the beginning alone'),
  'removed-too-much': must('6.2.2', 'what stays is at least three target durations long'),
  'part-changed': must('6.2.1', 'a part that is listed stays as it is'),
  'part-removed': must('6.2.2', 'parts go in the order of their appearance'),
  'target-duration-changed': must('6.2.1', 'the target duration stays'),
  'header-changed': must('6.2.1', 'tags of the whole playlist stay'),
  'type-live': must('6.2.2', 'a playlist with a type loses no segment'),
  'vod-changed': must('6.2.1', 'EXT-X-PLAYLIST-TYPE:VOD does not change'),
  'ended-changed': must('4.4.3.4', 'after EXT-X-ENDLIST nothing is added'),
  'hint-broken': must('4.4.5.3', 'what is hinted at is what comes'),
  'segment-late': must('6.2.1', 'a new segment comes within 1.5 target durations'),
  'part-late': must('6.2.1', 'a new part comes within a part target'),

  // What the server does with questions.
  'playlist-unavailable': must('6.2.1', 'playlists can be had'),
  'blocking-early': must('6.2.5.2', 'an answer is held back until it has what was asked for'),
  'blocking-part-alone': must('6.2.5.2', '_HLS_part without _HLS_msn is a bad request'),
  'blocking-far': should('6.2.5.2', 'who asks more than two segments ahead is refused'),
  'delta-missing': must('6.2.5.1', '_HLS_skip is answered by a delta update'),
  'delta-unasked': must('6.2.5.1', 'EXT-X-SKIP is for those who ask for it'),
  'delta-boundary': must('6.2.5.1', 'no segment is skipped that is not beyond the boundary'),
  'delta-differs': must('6.2.5.1', 'a delta update, laid over an older playlist, is the full one'),
  'report-false': must('4.4.5.4', 'rendition reports are as up to date as their playlist'),
  'playlist-type': must('4', 'a playlist is known by its path or its content type'),
  gzip: should('6.2.1', 'playlists are compressed for who can read that'),
  'playlist-cache': ours('B.1', 'a live playlist is cached for half a target duration at most, an answer to a blocking request for six'),
  'segment-cache': ours('B.1', 'segments, parts and maps are cached for six target durations at least'),
  'segment-type': ours('3.1.2', 'segments, parts and maps are video/mp4, audio/mp4 or video/iso.segment'),

  // Segments, parts and maps.
  'segment-unavailable': must('6.2.1', 'what is listed can be had'),
  'hint-unavailable': must('6.2.6', 'what is hinted at can be asked for'),
  'segment-gone': must('6.2.2', 'a segment can be had for a while after it is no longer listed'),
  'part-gone': must('6.2.2', 'a part can be had for three target durations after it is no longer listed'),
  range: must('4.4.4.2', 'a byte range has the length that it says'),
  'map-missing': must('3.1.2', 'each fMP4 segment has an EXT-X-MAP'),
  init: must('3.1.2', 'a map is a file type box of iso6 or higher and a movie box without samples or durations, with its extends box'),
  boxes: must('3.1.2', 'a segment is fragments: each a movie fragment box followed by its media data'),
  tfdt: must('3.1.2', 'each track fragment has its decode time'),
  'moof-relative': must('3.1.2', 'addresses are relative to the movie fragment'),
  track: must('3.1.2', 'each track fragment has its track in the map'),
  continuity: must('3', 'decode times go on where the segment or part before ended'),
  duration: must('4.4.4.1', 'EXTINF is the duration of the samples'),
  'part-duration': must('4.4.4.9', 'DURATION is the duration of the samples'),
  'part-samples': must('3.2', "a segment's parts have the segment's samples"),
  independent: must('4.4.4.9', 'an independent part begins with a keyframe'),
  'independent-unsaid': should('4.4.4.9', 'a part that begins with a keyframe says so'),
  'independent-segments': must('4.4.2.1', 'under EXT-X-INDEPENDENT-SEGMENTS each segment begins with a keyframe'),
};

// Violations, each once however often it is seen: {rule, section, level, says, text, url, line, number, count}.
export class Report {
  #found = new Map();

  // `entry` is the line at fault, {number, text}; `section` where it is finer than the rule's own.
  add(rule, { url = '', entry, text = '', section } = {}) {
    if (!RULES[rule]) throw new Error(`no such rule: ${rule}`);
    // A playlist's query and numbers change from version to version; the rule that is broken does not.
    const key = `${rule} ${url.replace(/[?#].*/, '')} ${entry?.text ?? ''}`;
    const known = this.#found.get(key);
    if (known) known.count += 1;
    else this.#found.set(key, { rule, ...RULES[rule], ...(section && { section }), text, url, line: entry?.text ?? '', number: entry?.number ?? 0, count: 1 });
  }

  get violations() { return [...this.#found.values()]; }
}

// For people: one line each.
export const describe = (violations) => violations
  .map(({ section, level, rule, says, text, url, line, number, count }) => `${level} ${section} ${rule}: ${says}; ${text} [${url}${number ? `:${number}` : ''}] ${line}${count > 1 ? ` (${count} times)` : ''}`)
  .join('\n');
