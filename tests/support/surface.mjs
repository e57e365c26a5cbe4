// Every place of the HTTP API that takes text, read from the contract: fields of bodies, parameters of queries and paths.
// For tests that put something into each of them, so that a new field is tested by being promised.
import { contract } from './contract.mjs';

const resolve = (node) => (node?.$ref ? resolve(node.$ref.replace(/^#\//, '').split('/').reduce((at, part) => at[part], contract().document)) : node);

// What makes a request right apart from the one text under test, by the field's name.
const PLAIN = {
  email: 'somebody@example.org', password: 'somebody has a password', currentPassword: 'not the password', newPassword: 'another long password', name: 'Name', scopes: ['read'],
  amount: 1, platform: 'custom', rtmpUrl: 'rtmp://192.0.2.1/app', streamKey: 'a-key', stream_key: 'a-key', title: 'Title', sessionId: 'se_unknown', destinationIds: [], destinationId: 'de_unknown',
};

// The texts inside a schema: {path: ['settings', 'mode']}; a number stands for an item of a list.
function texts(schema, path = []) {
  const { type, properties, items } = resolve(schema) ?? {};
  const is = (name) => (Array.isArray(type) ? type.includes(name) : type === name);
  if (properties) return Object.entries(properties).flatMap(([name, inner]) => texts(inner, [...path, name]));
  if (items) return texts(items, [...path, 0]);
  return is('string') ? [path] : [];
}

function put(path, text, value) {
  if (path.length === 0) return text;
  const [key, ...rest] = path;
  if (key === 0) return [put(rest, text)];
  return { ...value, [key]: put(rest, text, value?.[key]) };
}

// Each place: {name, method, template, kind: 'body' | 'query' | 'path', request(text, ids)}, where request gives {path, body}.
// `ids`: what stands for the parameters of a path that are not under test, by template.
export function places() {
  return contract().operations.flatMap(({ method, template, definition }) => {
    const pathOf = (ids) => ids[template] ?? template.replace(/\{[^}]+\}/g, 'xx_unknown');
    const schema = resolve(resolve(definition.requestBody)?.content?.['application/json']?.schema);
    const base = Object.fromEntries((schema?.required ?? []).map((name) => [name, PLAIN[name]]));
    const body = schema ? base : undefined;
    const parameters = (definition.parameters ?? []).map(resolve);
    const place = (kind, name, request) => ({ name: `${method} ${template} ${kind} ${name}`, field: name, method, template, kind, request });
    return [
      ...texts(schema).map((at) => place('body', at.join('.'), (text, ids = {}) => ({ path: pathOf(ids), body: put(at, text, base) }))),
      ...parameters.filter((one) => one.in === 'query').map(({ name }) => place('query', name, (text, ids = {}) => ({ path: `${pathOf(ids)}?${name}=${encodeURIComponent(text)}`, body }))),
      ...[...template.matchAll(/\{([^}]+)\}/g)].map(([braces, name]) => place('path', name, (text) => ({ path: template.replace(braces, encodeURIComponent(text)).replace(/\{[^}]+\}/g, 'xx_unknown'), body }))),
    ];
  });
}

// What a person has, as `ids` for the places, and a word from each body that they may make in passing.
export async function belongings(api) {
  const { station } = await api.post('/api/stations', { name: 'Mine' });
  const { destination } = await api.post('/api/destinations', { platform: 'custom', name: 'Mine', rtmpUrl: 'rtmp://192.0.2.1/app', streamKey: 'k' });
  const { livestream } = await api.post('/api/v1/livestreams', { title: 'Mine' });
  const { profile } = await api.post('/api/multistream/profiles', { name: 'Mine' });
  const owned = { '/api/stations/{id}': station.id, '/api/destinations/{id}': destination.id, '/api/rtmp/endpoints/{id}': destination.id, '/api/v1/livestreams/{id}': livestream.id, '/api/multistream/profiles/{id}': profile.id, '/api/users/{id}': api.user.id };
  const ids = {};
  for (const { template } of contract().operations) {
    for (const [own, id] of Object.entries(owned)) if (template.startsWith(own)) ids[template] = template.replace('{id}', id);
    if (template.startsWith('/api/simulcast/{streamId}')) ids[template] = template.replace('{streamId}', station.id).replace('{id}', destination.id);
  }
  return { station, destination, livestream, profile, ids };
}

// Takes back what a request made, so that nobody meets a limit of how many there may be.
export async function takeBack(api, template, answer) {
  if (answer.status !== 201) return;
  const made = Object.entries(answer.body).map(([name, value]) => (name !== 'user' && value?.id) || undefined).find(Boolean);
  if (!made) return;
  if (template.endsWith('livestreams')) await api.call('POST', `${template}/${made}/cancel`, { body: {} });
  else await api.call('DELETE', `${template}/${made}`);
}
