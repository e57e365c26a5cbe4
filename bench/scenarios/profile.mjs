// Where the server's time goes at 300 destinations, by samples of its stack tops; above all, whether anything copies
// payload in user space after ingest.
import path from 'node:path';
import { bound } from '../lib/judge.mjs';
import { measureFanout } from '../lib/fanout.mjs';
import { everycast } from '../lib/systems.mjs';
import { run, temporaryFolder } from '../../tests/support/process.mjs';

const SHOWN = 12;
const COPIES = /mem(cpy|move)|__mem/;

// [{share, object, symbol}], the largest first.
async function sample(pid, seconds) {
  const file = path.join(temporaryFolder('perf'), 'perf.data');
  const record = ['record', '-q', '-e', 'cpu-clock', '-F', '4999', '-p', String(pid), '-o', file, '--', 'sleep', String(seconds)];
  await run('perf', record, { timeoutMs: (seconds + 20) * 1000 });
  const fields = ['--sort', 'dso,symbol', '-F', 'overhead,dso,symbol', '-t', ';', '--percent-limit', '0'];
  const text = await run('perf', ['report', '-q', '--stdio', '--no-children', '-i', file, ...fields], { timeoutMs: 60_000 });
  return text.split('\n')
    .map((line) => line.split(';').map((field) => field.trim()))
    .filter(([share]) => /^[\d.]+%$/.test(share))
    .map(([share, object, symbol]) => ({
      share: Number.parseFloat(share), object, symbol: symbol.replace(/^\[[k.]\] /, ''), kernel: symbol.startsWith('[k]'),
    }))
    .sort((one, other) => other.share - one.share);
}

export default [{
  name: 'profile',
  title: 'Where the time goes, 1 × 6 Mbit/s to 300 destinations',
  async run({ quick, log }) {
    let tops;
    await measureFanout({
      name: 'profile', start: everycast, places: 300, kbps: 6_000, seconds: 1, peeked: false,
      beforehand: async ([pid]) => {
        tops = await sample(pid, quick ? 4 : 8);
      },
    });
    const share = (of) => tops.filter(of).reduce((sum, { share: one }) => sum + one, 0);
    const copying = share(({ symbol, kernel }) => !kernel && COPIES.test(symbol));
    log(`kernel ${share(({ kernel }) => kernel).toFixed(1)} %, copying in user space ${copying.toFixed(2)} %`);
    return {
      runs: tops,
      bounds: [bound('samples in memcpy or memmove in user space, %', copying, '≤', 1)],
      rows: [
        { where: 'the kernel, all together', 'share, %': Number(share(({ kernel }) => kernel).toFixed(1)) },
        { where: 'user space, all together', 'share, %': Number(share(({ kernel }) => !kernel).toFixed(1)) },
        ...tops.slice(0, SHOWN).map(({ share: one, object, symbol }) => ({ where: `\`${symbol}\` (${object})`, 'share, %': one })),
      ],
    };
  },
}];
