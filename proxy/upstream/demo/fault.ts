import type { Settings } from '../../contract/settings.ts';

/** What the simulated cloud.ru does wrong on purpose. */
export type DemoFault = Settings['demo']['fault'];

/** As an object, so that a fault that the settings gain can't be forgotten here. */
const faults: Readonly<Record<DemoFault, true>> = {
  none: true,
  'not-found': true,
  'rate-limit': true,
  'server-error': true,
  html: true,
  hang: true,
  empty: true,
  cut: true,
  'text-tool-call': true,
};

/** @returns the fault that a phrase like `[fault: server-error]` asks for; undefined without a known one */
export function faultInText(text: string): DemoFault | undefined {
  const name = /\[fault:\s*([a-z-]+)\s*\]/i.exec(text)?.[1]?.toLowerCase();
  return name !== undefined && isFault(name) ? name : undefined;
}

function isFault(name: string): name is DemoFault {
  return Object.hasOwn(faults, name);
}
