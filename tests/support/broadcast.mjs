// What most tests begin with: a show of somebody's, receivers as its destinations, and what the API says of them.
import { RecordingReceiver } from './rtmp/server-peer.mjs';
import { makeDestination } from './server.mjs';
import { waitFor } from './wait.mjs';

// A receiver and the destination that pushes to it. `script` makes it misbehave.
export async function makeReceiver(api, { name = 'receiver', key = `${name}-key`, ...options } = {}) {
  const peer = await new RecordingReceiver(options).listen();
  const destination = await makeDestination(api, { name, url: peer.url, key });
  return { name, key, peer, destination, id: destination.id };
}

// A livestream with so many receivers: it goes live by itself when its encoder comes.
export async function makeLivestream(api, { receivers = 1, title = 'A show', scripts = [], ...rest } = {}) {
  const made = [];
  for (let n = 0; n < receivers; n += 1) made.push(await makeReceiver(api, { name: `receiver-${n}`, script: scripts[n] }));
  const { livestream, stream_key: key } = await api.post('/api/v1/livestreams', { title, destination_ids: made.map(({ id }) => id), ...rest });
  return { id: livestream.id, key, livestream, receivers: made, peers: made.map(({ peer }) => peer), close: () => Promise.all(made.map(({ peer }) => peer.close())) };
}

// The running session of a stream, as its owner's GET /api/simulcast/{streamId}/status tells it.
export async function sessionOf(api, streamId) {
  return (await api.get(`/api/simulcast/${streamId}/status`)).session;
}

// Waits until a receiver has the last message that a publisher sent.
export function arrived(publisher, peer, timeoutMs = 5_000) {
  const wanted = publisher.sent.at(-1).hash;
  return waitFor('the last message at the receiver', () => peer.publishes.some((run) => run.messages.some((message) => message.hash === wanted)), {
    timeoutMs, describe: () => peer.runs.map((run) => ({ messages: run.messages.length, ended: run.ended })),
  });
}

// Waits until a destination of a session is in this state, and gives its endpoint.
export function endpointReaches(api, sessionId, destinationId, accepts, timeoutMs = 10_000) {
  let endpoint;
  return waitFor(`destination ${destinationId} to get there`, async () => {
    const { sessions } = await api.get('/api/rtmp/status');
    endpoint = sessions.find((session) => session.sessionId === sessionId)?.endpoints.find((one) => one.id === destinationId);
    return endpoint && accepts(endpoint) && endpoint;
  }, { timeoutMs, everyMs: 100, describe: () => endpoint });
}
