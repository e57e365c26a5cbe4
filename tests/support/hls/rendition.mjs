// One media playlist, read again and again, with all that it lists.
import { checkContinuity, checkDuration, checkFragments, checkInit, checkSameSamples, startsWithKeyframe } from './fragments.mjs';
import { checkDelta, checkHistory } from './history.mjs';
import { checkMedia, maxAge } from './media.mjs';
import { compareEdges, edgeOf, readPlaylist } from './playlist.mjs';

// So many versions are kept to lay delta updates over: two seconds and more of them.
const VERSIONS = 5;
// Every so many reloads the server is asked for more than the next version.
const PROBE_EVERY = 4;
const RETRY_S = 0.5;

const keyOf = (uri, range) => `${uri} ${range ? `${range.length}@${range.offset}` : ''}`;
const withQuery = (url, query) => {
  const result = new URL(url);
  for (const [name, value] of Object.entries(query)) result.searchParams.set(name, value);
  return result.href;
};

export class Rendition {
  // `run`: {get(url, range), report, options, counts, peek(url)}.
  constructor(url, run) {
    Object.assign(this, { url, run, versions: [], reloads: 0, formats: new Set() });
    this.inits = new Map();
    this.hinted = new Map();
    // What was fetched, by media sequence number, and `msn.index`.
    this.segments = new Map();
    this.parts = new Map();
    this.segmentEnds = { ends: new Map(), next: undefined };
    this.partEnds = { ends: new Map(), next: undefined };
    this.say = (rule, entry, text, section) => run.report.add(rule, { url, entry, text, section });
  }

  get last() { return this.versions.at(-1); }

  // Until the playlist has ended, or `stop()` says so.
  async follow(stop) {
    do {
      await this.reload();
      if (!this.last) return;
      if (this.reloads % PROBE_EVERY === 2) await this.probe();
    } while (!stop(this) && !(this.last.ended && this.reloads > 1));
  }

  async reload() {
    const { last } = this;
    const query = {};
    if (last?.control.blocks && !last.ended) {
      query._HLS_msn = last.nextMsn;
      if (last.partTarget !== undefined) query._HLS_part = last.open.parts.length;
    } else if (last && !last.ended) {
      await this.run.options.wait(last.targetDuration / 2e6);
    }
    const playlist = await this.read(query);
    this.reloads += 1;
    this.run.counts.reloads += 1;
    if (!playlist) {
      // Not in a tight circle round a server that has a bad time.
      await this.run.options.wait(RETRY_S);
      return;
    }
    const at = this.run.options.now();
    if (query._HLS_msn !== undefined) this.checkAnswer(query, playlist);
    if (last) {
      checkHistory(last, playlist, this.say);
      this.checkPace(last, playlist, at);
      await this.checkRemoved(last, playlist);
    } else {
      Object.assign(this, { segmentAt: at, partAt: at });
    }
    this.versions.push(playlist);
    if (this.versions.length > VERSIONS) this.versions.shift();
    this.hint(playlist);
    await this.checkContents(playlist);
  }

  // Reads one version, and checks it by itself; undefined where there is none.
  async read(query) {
    const answer = await this.run.get(withQuery(this.url, query));
    if (answer.status !== 200) {
      this.say('playlist-unavailable', undefined, `${answer.status} ${answer.error ?? ''} to ${JSON.stringify(query)}`);
      return undefined;
    }
    this.run.checkPlaylistAnswer(answer, this.url);
    const playlist = readPlaylist(answer.bytes, this.say);
    if (playlist.multivariant) {
      this.say('tags-mixed', playlist.entries[0], 'a multivariant playlist in the place of a media playlist');
      return undefined;
    }
    if (playlist.first('EXT-X-SKIP')) {
      this.say('delta-unasked', playlist.first('EXT-X-SKIP'));
      return undefined;
    }
    checkMedia(playlist, this.say, { dateTolerance: this.run.options.dateTolerance * 1e6 });
    const age = maxAge(answer.headers);
    const most = (query._HLS_msn === undefined ? 0.5 : 6) * (playlist.targetDuration / 1e6);
    if (!playlist.ended && !(age <= most)) this.say('playlist-cache', undefined, `"${answer.headers.get('cache-control') ?? ''}", ${JSON.stringify(query)}`);
    return playlist;
  }

  checkAnswer({ _HLS_msn: msn, _HLS_part: part }, { ended, nextMsn, open, segments }) {
    if (ended) return;
    const parts = (msn === nextMsn ? open : segments.find((segment) => segment.msn === msn))?.parts.length ?? 0;
    const there = part === undefined ? nextMsn > msn : parts > part || nextMsn > msn + 1 || (nextMsn > msn && open.parts.length > 0);
    if (!there) this.say('blocking-early', undefined, `${msn}.${part ?? ''} was asked for, and it ends at ${nextMsn}.${open.parts.length}`);
  }

  // 6.2.1, items on 1.5 target durations and on one part target.
  checkPace(last, now, at) {
    const { slack } = this.run.options;
    const polled = last.control.blocks ? 0 : last.targetDuration / 2e6;
    const late = (since, most) => at - since > most / 1e6 + slack + polled;
    if (last.ended) return;
    if (late(this.segmentAt, 1.5 * now.targetDuration)) this.say('segment-late', now.segments.at(-1)?.entry, `after ${(at - this.segmentAt).toFixed(3)} s`);
    if (now.nextMsn > last.nextMsn) this.segmentAt = at;
    if (compareEdges(edgeOf(now), edgeOf(last)) <= 0) return;
    if (now.partTarget !== undefined && last.control.blocks && !now.ended && late(this.partAt, now.partTarget)) {
      this.say('part-late', now.open.parts.at(-1)?.entry, `after ${(at - this.partAt).toFixed(3)} s`);
    }
    this.partAt = at;
  }

  async checkRemoved(last, now) {
    const still = async (rule, { uri, range, entry, gap }) => {
      if (gap) return;
      const { status } = await this.run.get(new URL(uri, this.url).href, range);
      if (status !== 200 && status !== 206) this.say(rule, entry, `${status}`);
    };
    const parts = new Map(now.segments.map((segment) => [segment.msn, segment.parts.length]));
    for (const segment of last.segments) {
      if (segment.msn < now.mediaSequence) await still('segment-gone', segment);
      if (segment.parts.length > 0 && !parts.get(segment.msn)) await still('part-gone', segment.parts.at(-1));
    }
  }

  hint({ hints, ended }) {
    const hint = hints.find(({ attributes }) => attributes.TYPE === 'PART');
    if (!hint || ended || hint.attributes['BYTERANGE-START'] !== undefined || this.hinted.has(hint.attributes.URI)) return;
    this.hinted.set(hint.attributes.URI, { hint, answer: this.run.get(new URL(hint.attributes.URI, this.url).href) });
  }

  async checkHinted(part, bytes) {
    const hinted = this.hinted.get(part.uri);
    if (!hinted || part.range) return;
    this.hinted.delete(part.uri);
    this.run.counts.hints += 1;
    const { status, bytes: early } = await hinted.answer;
    if (status !== 200) this.say('hint-unavailable', hinted.hint, `${status}`);
    else if (!early.equals(bytes)) this.say('hint-unavailable', hinted.hint, `${early.length} bytes, and ${bytes.length} when it was listed`);
  }

  async checkContents(playlist) {
    for (const segment of [...playlist.segments, { ...playlist.open, msn: playlist.nextMsn }]) {
      const parts = [];
      for (const [index, part] of segment.parts.entries()) {
        const key = `${segment.msn}.${index}`;
        if (!this.parts.has(key)) this.parts.set(key, await this.checkPart(part, segment, index));
        parts.push(this.parts.get(key));
      }
      if (!segment.uri || this.segments.has(segment.msn)) continue;
      const perTrack = await this.checkSegment(segment, playlist);
      this.segments.set(segment.msn, true);
      if (perTrack && parts.length > 0 && parts.every(Boolean)) checkSameSamples(perTrack, parts, this.say, segment.extinf);
    }
  }

  async checkSegment(segment, playlist) {
    const say = this.say;
    const state = this.segmentEnds;
    if (segment.discontinuity || segment.gap || state.next !== segment.msn) state.ends.clear();
    state.next = segment.msn + 1;
    if (segment.gap) return undefined;
    const perTrack = await this.fetchFragments(segment, segment, playlist.targetDuration);
    this.run.counts.segments += 1;
    if (!perTrack) return state.ends.clear();
    checkDuration('duration', segment.duration, perTrack, say, segment.extinf);
    checkContinuity(state.ends, perTrack, this.run.options.continuityTolerance, say, segment.entry);
    if ((playlist.independent || this.run.independent) && !startsWithKeyframe(perTrack)) say('independent-segments', segment.entry);
    return perTrack;
  }

  async checkPart(part, segment, index) {
    const { say, last } = this;
    const state = this.partEnds;
    const follows = state.next === `${segment.msn}.${index}` || (index === 0 && state.next?.startsWith(`${segment.msn - 1}.`));
    if ((index === 0 && segment.discontinuity) || part.gap || !follows) state.ends.clear();
    state.next = `${segment.msn}.${index + 1}`;
    if (part.gap) return undefined;
    const perTrack = await this.fetchFragments(part, segment, last.targetDuration);
    this.run.counts.parts += 1;
    if (!perTrack) return state.ends.clear();
    checkDuration('part-duration', part.duration, perTrack, say, part.entry);
    checkContinuity(state.ends, perTrack, this.run.options.continuityTolerance, say, part.entry);
    const keyframe = startsWithKeyframe(perTrack);
    if (part.independent && !keyframe) say('independent', part.entry);
    if (!part.independent && keyframe) say('independent-unsaid', part.entry);
    return perTrack;
  }

  async fetchFragments({ uri, range, entry }, { map }, targetDuration) {
    const bytes = await this.fetchListed(uri, range, entry, targetDuration);
    if (!bytes) return undefined;
    await this.checkHinted({ uri, range }, bytes);
    // Other formats have sections of their own, and are not read.
    const isFragments = ['styp', 'sidx', 'moof', 'prft', 'emsg'].includes(bytes.toString('latin1', 4, 8));
    if (!map) {
      if (isFragments) this.say('map-missing', entry);
      return undefined;
    }
    const key = keyOf(map.uri, map.range);
    if (!this.inits.has(key)) {
      const init = await this.fetchListed(map.uri, map.range, map.entry, targetDuration);
      this.inits.set(key, init && checkInit(init, this.say, map.entry));
    }
    const init = this.inits.get(key);
    if (!init) return undefined;
    for (const { format } of init.tracks.values()) this.formats.add(format);
    return checkFragments(bytes, init, this.say, entry);
  }

  async fetchListed(uri, range, entry, targetDuration) {
    const { status, headers, bytes, error } = await this.run.get(new URL(uri, this.url).href, range);
    if (status !== (range ? 206 : 200)) return this.say('segment-unavailable', entry, `${status} ${error ?? ''}`);
    if (range && bytes.length !== range.length) this.say('range', entry, `${bytes.length} bytes`);
    if (!(maxAge(headers) >= (6 * targetDuration) / 1e6)) this.say('segment-cache', entry, `"${headers.get('cache-control') ?? ''}"`);
    if (!/^((video|audio)\/mp4|video\/iso\.segment)\b/.test(headers.get('content-type') ?? '')) this.say('segment-type', entry, `"${headers.get('content-type') ?? ''}"`);
    return bytes;
  }

  // What no player asks for all the time.
  async probe() {
    const { control, ended, nextMsn } = this.last;
    if (ended) return;
    if (control.blocks && !this.asked) {
      this.asked = true;
      const alone = await this.run.get(withQuery(this.url, { _HLS_part: 0 }));
      if (alone.status < 400 || alone.status > 499) this.say('blocking-part-alone', undefined, `${alone.status}`);
      const far = await this.run.get(withQuery(this.url, { _HLS_msn: nextMsn + 100 }));
      if (far.status < 400 || far.status > 499) this.say('blocking-far', undefined, `${far.status}`);
    }
    if (control.skipUntil !== undefined) await this.probeDelta();
    await this.probeReports();
  }

  // A delta update is held against the full playlist of the same edge, which is the one just before or just after it.
  async probeDelta() {
    const before = await this.run.peek(this.url);
    const delta = await this.run.peek(withQuery(this.url, { _HLS_skip: 'YES' }), this.say);
    const after = await this.run.peek(this.url);
    if (!before || !delta || !after || after.ended) return;
    const same = (one, other) => compareEdges(edgeOf(one), edgeOf(other)) === 0;
    const full = [before, after].find((playlist) => same(playlist, delta));
    if (!full && same(before, after)) this.say('delta-differs', delta.first('EXT-X-SKIP'), `it ends with segment ${edgeOf(delta).msn} instead of ${edgeOf(after).msn}`);
    if (!full) return;
    this.run.counts.deltas += 1;
    checkDelta(this.versions[0], delta, full, this.say);
  }

  // A report is no older than what its rendition was before, and no newer than what it is after.
  async probeReports() {
    for (const { attributes: { URI } } of this.last.reports) {
      const url = new URL(URI, this.url).href;
      const before = await this.run.peek(url);
      const now = await this.run.peek(this.url);
      const after = await this.run.peek(url);
      const report = now?.reports.find(({ attributes }) => attributes.URI === URI);
      if (!report || !before || !after) {
        this.say('report-false', report, `${url} cannot be read`);
        continue;
      }
      const own = edgeOf(now);
      const number = (text, fallback) => (text === undefined ? fallback : Number(text));
      const said = { msn: number(report.attributes['LAST-MSN'], own.msn), part: number(report.attributes['LAST-PART'], edgeOf(after).part === undefined ? undefined : own.part) };
      this.run.counts.reports += 1;
      if (compareEdges(said, edgeOf(before)) < 0 || compareEdges(said, edgeOf(after)) > 0) {
        const text = ({ msn, part }) => `${msn}.${part ?? ''}`;
        this.say('report-false', report, `it was at ${text(edgeOf(before))}, and then at ${text(edgeOf(after))}`);
      }
    }
  }
}
