// node:os: a machine of which a worker learns nothing.

export const EOL = "\n";
export const devNull = "/dev/null";
export const constants = { signals: {}, errno: {}, priority: {}, dlopen: {} };
export const arch = () => "x64";
export const platform = () => "linux";
export const type = () => "Linux";
export const machine = () => "x86_64";
export const release = () => "";
export const version = () => "";
export const hostname = () => "localhost";
export const homedir = () => "/";
export const tmpdir = () => "/tmp";
export const endianness = () => "LE";
export const availableParallelism = () => 1;
export const cpus = () => [];
export const loadavg = () => [0, 0, 0];
export const networkInterfaces = () => ({});
export const totalmem = () => 0;
export const freemem = () => 0;
export const uptime = () => 0;
export const getPriority = () => 0;
export const userInfo = () => ({ uid: -1, gid: -1, username: "worker", homedir: "/", shell: null });

export default {
  EOL, devNull, constants, arch, platform, type, machine, release, version, hostname, homedir, tmpdir, endianness, availableParallelism, cpus,
  loadavg, networkInterfaces, totalmem, freemem, uptime, getPriority, userInfo,
};
