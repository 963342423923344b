import { run } from './cli.ts';

// `npm start` opens the tray app once there is one; until then it says what it does instead.
process.stderr.write('strelka: the tray app is not built yet, so this is the headless service; Ctrl+C stops it.\n');
await run(['serve', ...process.argv.slice(2)]);
