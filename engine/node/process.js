// node:process: what a worker can know of itself.

import node from "cirque:node";

const VERSION = "22.19.0";
const unsupported = (name) => () => {
  throw new Error(`process.${name}() is not supported here`);
};
const output = (log) => ({ isTTY: false, writable: true, fd: -1, write: (text) => (log(String(text).replace(/\n$/, "")), true) });

function hrtime(since) {
  const us = node.nowUs();
  const time = [Math.floor(us / 1e6), Math.floor(us % 1e6) * 1000];
  if (since === undefined) return time;
  const [seconds, nanoseconds] = [time[0] - since[0], time[1] - since[1]];
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(Math.floor(node.nowUs())) * 1000n;

/** Nobody tells the process anything. */
const listen = () => process;

const process = {
  title: "worker",
  version: `v${VERSION}`,
  versions: { node: VERSION },
  release: { name: "node", lts: true },
  platform: "linux",
  arch: "x64",
  pid: 1,
  ppid: 0,
  argv: [],
  argv0: "worker",
  execArgv: [],
  execPath: "/",
  exitCode: undefined,
  features: {},
  config: {},
  env: node.env,
  stdout: output((text) => console.log(text)),
  stderr: output((text) => console.error(text)),
  stdin: { isTTY: false, fd: -1 },
  cwd: () => "/",
  umask: () => 0o22,
  uptime: () => performance.now() / 1000,
  hrtime,
  memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  nextTick: (callback, ...values) => queueMicrotask(() => callback(...values)),
  emitWarning: (warning) => console.warn(warning),
  getBuiltinModule: (name) => node.builtin(String(name)),
  exit: unsupported("exit"),
  abort: unsupported("abort"),
  kill: unsupported("kill"),
  chdir: unsupported("chdir"),
  binding: unsupported("binding"),
  on: listen, once: listen, off: listen, addListener: listen, removeListener: listen, removeAllListeners: listen, prependListener: listen,
  prependOnceListener: listen,
  setMaxListeners: listen,
  emit: () => false,
  listeners: () => [],
  listenerCount: () => 0,
  [Symbol.toStringTag]: "process",
};

export const {
  abort, addListener, arch, argv, argv0, binding, chdir, config, cwd, emit, emitWarning, env, execArgv, execPath, exit, exitCode, features,
  getBuiltinModule, kill, listenerCount, listeners, memoryUsage, nextTick, off, on, once, pid, platform, ppid, prependListener,
  prependOnceListener, release, removeAllListeners, removeListener, setMaxListeners, stderr, stdin, stdout, title, umask, uptime, version,
  versions,
} = process;
export { hrtime };
export default process;
