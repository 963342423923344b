import type { Status } from '../proxy/contract/status.ts';

/** @returns what `strelka status` prints for a person */
export function describeStatus(status: Status, now = Date.now()): string {
  const { active, standby, mode, state, demo, url } = status;
  const lines = [
    `Strelka ${status.version} at ${url}${demo ? ' (simulated answers)' : ''}`,
    `State: ${state}. Mode: ${mode}. Active: ${active ? `${active.model} at ${active.upstream}` : 'none'}.`,
    '',
    ...table([
      ['target', 'tiers', 'state', 'errors', 'last error'],
      ...status.targets.map((target) => [
        `${target.upstream} ${target.model}`,
        target.standby ? 'standby' : target.tiers.join(','),
        target.retryAt === null ? target.state : `${target.state} (${secondsTo(target.retryAt, now)})`,
        target.errorRate === null ? '-' : `${(target.errorRate * 100).toFixed(0)} % of ${target.n}`,
        target.lastError ? target.lastError.kind + (target.lastError.status ? ` ${target.lastError.status}` : '') : '-',
      ]),
    ]),
    '',
    standby.target === null
      ? 'Standby: none. Set OLLAMA_MODEL to have a local model stand in.'
      : `Standby: ${standby.model} is ${standby.state}${standby.version ? ` on Ollama ${standby.version}` : ''}.`,
    ...(standby.hint && standby.target !== null ? [standby.hint] : []),
    ...(status.events.length > 0 ? ['', 'Lately:', ...status.events.slice(-5).map(lineOf)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function lineOf({ at, sentence }: Status['events'][number]): string {
  return `  ${new Date(at).toISOString().slice(11, 19)} ${sentence}`;
}

function secondsTo(time: number, now: number): string {
  return `next try in ${Math.max(0, Math.ceil((time - now) / 1000))} s`;
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
