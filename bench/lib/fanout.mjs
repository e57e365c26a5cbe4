// One measurement of one system: an encoder in, so many places out, for a while.
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../tests/support/wait.mjs';
import { systemCalls, watch } from './measure.mjs';
import { publishing, startPublisher, startSink } from './tools.mjs';

const SETTLE_S = 2;
const DRAIN_MS = 10_000;

// `start({sink, places, kbps})` gives a system of systems.mjs. The result's `coresPerPlace` is in shares of one core;
// `sends` counts the system calls that send, per place and second; `frames` says whether every place got every frame.
// `beforehand(pids)`: what else to do once all is running.
export async function measureFanout({ name, start, places, kbps, seconds, certificate, straight = false, peeked = true, beforehand }) {
  const sink = await startSink({ certificate });
  const system = await start({ sink, places, kbps });
  let publisher;
  try {
    if (system.url) publisher = startPublisher({ url: system.url, keys: [system.key], kbps, straight: straight ? sink : undefined });
    if (system.begin) {
      await waitFor('the encoder to be on', async () => (await publisher.report()).frames > 0);
      await system.begin();
    }
    if (publisher) await publishing(sink, places);
    const settledS = await system.settled?.();
    await pause(SETTLE_S * 1000);
    const calls = peeked ? await systemCalls(system.pids) : undefined;
    await beforehand?.(system.pids);
    const before = await sink.report();
    const others = { sink: sink.pid, ...(publisher && { publisher: publisher.pid }) };
    const seen = await watch({ system: system.pids, ...others }, seconds);
    const { age, added, lost } = await sink.report();
    const result = {
      name, places, kbps, settledS, seconds: seen.seconds,
      cores: seen.cores.system, coresPerPlace: seen.cores.system / places,
      rssMiB: seen.rssMiB.system, sinkCores: seen.cores.sink, publisherCores: seen.cores.publisher, machineCores: seen.machineCores,
      sends: calls && calls.sends / places, calls: calls && calls.all / places,
    };
    if (publisher) Object.assign(result, { age, lostMeanwhile: lost - before.lost, ...(straight && { added }), frames: await drain({ sink, publisher, places }) });
    return result;
  } finally {
    await publisher?.kill();
    await system.stop();
    await sink.kill();
  }
}

// Ends the show and waits until its last frame is everywhere: {sent, received, lost, outOfOrder, publishes, exact}.
async function drain({ sink, publisher, places }) {
  const { last, blocked, late_ms: lateMs } = await publisher.finish();
  let seen;
  const complete = await waitFor('the last frame everywhere', async () => {
    seen = await sink.report();
    return seen.next_least === last + 1;
  }, { timeoutMs: DRAIN_MS, everyMs: 100 }).catch(() => false);
  const { lost, out_of_order: outOfOrder, accepted, frames: received } = seen;
  return { sent: last, received, lost, outOfOrder, publishes: accepted, blocked, lateMs, exact: complete && lost === 0 && outOfOrder === 0 && publishesOnce(accepted, places) };
}

// A place that was connected to twice may have missed frames between.
const publishesOnce = (accepted, places) => accepted === places || accepted === places + 1;
