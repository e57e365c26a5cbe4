// What the multivariant playlist must hold, and what the media playlists beside each other.

// The renditions that it names: [{uri, entry, codecs}]. Several variants may share one.
export function checkMultivariant({ entries, all }, say) {
  const groups = new Map();
  for (const media of all('EXT-X-MEDIA')) {
    const { TYPE, 'GROUP-ID': id, NAME, DEFAULT, AUTOSELECT, CHANNELS } = media.attributes;
    const members = groups.get(`${TYPE} ${id}`) ?? [];
    if (members.some(({ attributes }) => attributes.NAME === NAME)) say('group-names', media);
    if (DEFAULT === 'YES' && members.some(({ attributes }) => attributes.DEFAULT === 'YES')) say('group-default', media);
    if (DEFAULT === 'YES' && AUTOSELECT === 'NO') say('autoselect', media);
    if (TYPE === 'AUDIO' && CHANNELS === undefined) say('channels', media);
    groups.set(`${TYPE} ${id}`, [...members, media]);
  }
  const renditions = [];
  entries.forEach((entry, index) => {
    if (entry.tag !== 'EXT-X-STREAM-INF') return;
    const next = entries.slice(index + 1).find(({ text }) => !text.startsWith('#') || text.startsWith('#EXT'));
    if (!next || next.text.startsWith('#')) return say('variant-uri-missing', entry);
    if (entry.attributes.CODECS === undefined) say('codecs-missing', entry);
    renditions.push({ uri: next.text, entry, codecs: entry.attributes.CODECS });
    for (const type of ['AUDIO', 'VIDEO', 'SUBTITLES']) {
      const group = entry.attributes[type];
      if (group === undefined) continue;
      const members = groups.get(`${type} ${group}`);
      if (!members) say('group-missing', entry, `${type}="${group}"`);
      for (const member of members ?? []) {
        if (member.attributes.URI !== undefined) renditions.push({ uri: member.attributes.URI, entry, codecs: entry.attributes.CODECS });
      }
    }
  });
  return renditions;
}

// `playlists`: [{playlist, say}], each as it was last read.
export function checkTogether(playlists) {
  const [reference, ...others] = playlists;
  for (const { playlist, say } of others) {
    const header = (tag) => [playlist.first(tag), reference.playlist.first(tag)];
    const differ = (rule, tag, value) => {
      const [own, other] = header(tag);
      if (value(own) !== value(other)) say(rule, own, `elsewhere ${other?.text ?? 'none'}`);
    };
    const set = (entry) => entry && JSON.stringify(Object.entries(entry.attributes ?? {}).sort());
    differ('target-durations-differ', 'EXT-X-TARGETDURATION', (entry) => entry?.value);
    differ('server-control-differs', 'EXT-X-SERVER-CONTROL', set);
    differ('playlist-type-differs', 'EXT-X-PLAYLIST-TYPE', (entry) => entry?.value);
    differ('date-time-missing', 'EXT-X-PROGRAM-DATE-TIME', (entry) => entry !== undefined);
  }
}

// Sample entries of a map, as a CODECS attribute begins with them.
export function checkCodecs(codecs, formats, say, entry) {
  if (codecs === undefined) return;
  const named = codecs.split(',').map((codec) => codec.trim().split('.')[0].toLowerCase());
  for (const format of formats) {
    if (!named.includes(format.toLowerCase())) say('codecs', entry, `${format} is in the segments`);
  }
}
