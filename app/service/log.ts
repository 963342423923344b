import { type Log, type LogFields, type LogLevel, logLevels } from '../../proxy/log.ts';
import { createRedactor } from './redact.ts';

export interface ServiceLog extends Log {
  /** Takes effect with the next line. */
  setLevel(level: LogLevel): void;
  /** From now on these keys are masked wherever they stand. */
  protect(secrets: readonly string[]): void;
  /** Writes one line whatever the level: for what the user must see, such as that answers are simulated. */
  notice(message: string): void;
}

export interface LogOptions {
  level: LogLevel;
  /** Takes whole lines, with the line break. */
  write(line: string): void;
  now?: () => Date;
}

/**
 * Writes one line for each event: time, level, message, then `name=value` pairs, a value in JSON quotes where it holds
 * more than a bare word. A line break in a value is escaped, so that no client can forge a line.
 */
export function createLog(options: LogOptions): ServiceLog {
  const redactor = createRedactor();
  const now = options.now ?? (() => new Date());
  let lowest = logLevels.indexOf(options.level);

  const line = (label: string, message: string, fields: LogFields): void => {
    const pairs = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}=${typeof value === 'string' ? quote(redactor.field(name, value)) : value}`);
    options.write(
      `${now().toISOString()} ${label.padEnd(5)} ${escapeBreaks(redactor.text(message))}${pairs.join('')}\n`,
    );
  };
  const leveled =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(level) >= lowest) line(level, message, fields);
    };

  return {
    debug: leveled('debug'),
    info: leveled('info'),
    warn: leveled('warn'),
    error: leveled('error'),
    setLevel: (level) => {
      lowest = logLevels.indexOf(level);
    },
    protect: (secrets) => redactor.protect(secrets),
    notice: (message) => line('note', message, {}),
  };
}

function quote(value: string): string {
  return /^[^\s"=\p{Cc}]+$/u.test(value) ? value : escapeBreaks(JSON.stringify(value));
}

function escapeBreaks(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
