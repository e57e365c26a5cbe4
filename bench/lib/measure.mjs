// What the kernel says of processes and of the machine: CPU time, memory, system calls.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../../tests/support/process.mjs';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK']).toString());

// User and system time of each thread of a process, in seconds. What /proc/PID/stat tells in hundredths of a second
// (utime and stime) stands here in nanoseconds.
function threadSeconds(pid) {
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9]));
}

// Begins to watch some processes; the answer tells how many seconds of CPU time they have used since, all together.
function cpuMeter(pids) {
  const before = pids.map((pid) => [pid, threadSeconds(pid)]);
  return () => {
    let used = 0;
    for (const [pid, threads] of before)
      for (const [thread, seconds] of threadSeconds(pid)) used += seconds - (threads.get(thread) ?? 0);
    return used;
  };
}

export function residentKiB(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

// Time that the machine was not idle, in core-seconds, interrupts included.
function busySeconds() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / TICKS;
}

// Watches processes for a while: {seconds, cores: {name: share of one core}, rssMiB: {name}, machineCores}.
// `pids`: {name: pid or several}.
export async function watch(pids, seconds) {
  const names = Object.keys(pids);
  const listed = Object.fromEntries(names.map((name) => [name, [pids[name]].flat()]));
  const meters = names.map((name) => [name, cpuMeter(listed[name])]);
  const [busyBefore, began] = [busySeconds(), performance.now()];
  await pause(seconds * 1000);
  const took = (performance.now() - began) / 1000;
  return {
    seconds: took,
    cores: Object.fromEntries(meters.map(([name, used]) => [name, used() / took])),
    rssMiB: Object.fromEntries(names.map((name) => [name, listed[name].reduce((all, pid) => all + residentKiB(pid), 0) / 1024])),
    machineCores: (busySeconds() - busyBefore) / took,
  };
}

const SENDING = ['sendmsg', 'sendto', 'write', 'writev'].map((name) => `syscalls:sys_enter_${name}`);
const ALL = 'raw_syscalls:sys_enter';

// System calls of processes in a second, counted by the kernel's trace points: {sends, all}; nothing where perf cannot.
export async function systemCalls(pids, seconds = 2) {
  try {
    const list = [pids].flat().join(',');
    const text = await run('perf', ['stat', '-x', ';', '-e', [...SENDING, ALL].join(','), '-p', list, '--', 'sleep', String(seconds)]);
    const counts = Object.fromEntries(text.trim().split('\n').map((line) => line.split(';')).map(([count, , name]) => [name, Number(count)]));
    if (!SENDING.concat(ALL).every((name) => Number.isFinite(counts[name]))) return undefined;
    return { sends: SENDING.reduce((all, name) => all + counts[name], 0) / seconds, all: counts[ALL] / seconds };
  } catch {
    return undefined;
  }
}

export function machine() {
  const read = (file) => readFileSync(file, 'utf8').trim();
  return {
    cpu: os.cpus()[0].model,
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()} ${os.machine()}`,
    congestionControl: read('/proc/sys/net/ipv4/tcp_congestion_control'),
    virtual: / hypervisor /.test(read('/proc/cpuinfo')),
  };
}

export function commit() {
  const git = (...args) => execFileSync('git', args).toString().trim();
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'cmake', 'CMakeLists.txt', 'bench');
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
}
