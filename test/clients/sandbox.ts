import { spawnSync } from 'node:child_process';

export type Sandbox = { enter: (command: string[]) => string[] } | { skipped: string };

/**
 * A network namespace with nothing but loopback, so that a client can reach the gateway and nobody else. Gateway and
 * fake upstream must run inside too.
 * @returns how to run a command in it, or why that can't be done here
 */
export function findSandbox(): Sandbox {
  if (process.env.STRELKA_CLIENTS_NO_SANDBOX === '1') return { enter: (command) => command };
  const flags = process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net'];
  const enter = (command: string[]) => [
    'unshare',
    ...flags,
    'sh',
    '-c',
    'ip link set lo up && exec "$@"',
    'sh',
    ...command,
  ];
  const [program = '', ...args] = enter(['true']);
  const probe = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
  if (probe.status === 0) return { enter };
  const reason = (probe.error?.message ?? probe.stderr).trim().split('\n')[0];
  return {
    skipped: `no network namespace (${reason}); STRELKA_CLIENTS_NO_SANDBOX=1 runs the clients with the network on`,
  };
}
