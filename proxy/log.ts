/** Levels in rising order of weight. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Facts of a line, as plain values. Never a key: what could hold one goes through redaction first. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Where the gateway tells what it does. The shells decide where that goes: stderr, a file, the window. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
