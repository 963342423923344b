import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';

const root = path.join(import.meta.dirname, '..');
const rooms = ['app', 'proxy', 'renderer'];
const maxLines = 300;

/** Which room's files may import which other rooms' (design.md, "The house"). */
const allowed: Record<string, (target: string) => boolean> = {
  proxy: (target) => target.startsWith('proxy/'),
  app: (target) => target.startsWith('app/') || target.startsWith('proxy/'),
  renderer: (target) => target.startsWith('renderer/') || target.startsWith('proxy/contract/'),
};

/** Packages that a room must not know of. Patterns are matched against the bare specifier. */
const forbiddenPackages: Record<string, RegExp> = {
  proxy: /^(electron|react|react-dom|zustand|playwright)(\/|$)/,
  app: /^(react|react-dom|zustand|playwright)(\/|$)/,
  renderer: /^(electron|undici|node:)/,
};

interface Source {
  file: string;
  text: string;
  imports: string[];
}

const sources: Source[] = [];

async function walk(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
  const nested = await Promise.all(
    entries.map((entry) => {
      const name = `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(name) : Promise.resolve([name]);
    }),
  );
  return nested.flat();
}

/** Specifiers of static imports, re-exports and dynamic imports; new URL(..., import.meta.url) counts as one. */
export function importsOf(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]/g))
    found.push(match[1] ?? '');
  for (const match of text.matchAll(/import\(\s*['"]([^'"]+)['"]\s*\)/g)) found.push(match[1] ?? '');
  for (const match of text.matchAll(/new URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/g))
    found.push(match[1] ?? '');
  return found;
}

function resolve(from: string, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier));
}

before(async () => {
  for (const room of rooms)
    for (const file of await walk(room)) {
      if (!/\.(ts|tsx|cts|mts)$/.test(file)) continue;
      const text = await readFile(path.join(root, file), 'utf8');
      sources.push({ file, text, imports: importsOf(text) });
    }
  assert.ok(sources.length > 0, 'no sources were found');
});

describe('boundaries', () => {
  it('reads every form of import', () => {
    const text =
      "import a from './a.ts';\nimport './b.ts';\nexport * from './c.ts';\nconst d = await import('./d.ts');\n";
    assert.deepEqual(importsOf(text), ['./a.ts', './b.ts', './c.ts', './d.ts']);
    assert.deepEqual(importsOf("import {\n  a,\n  b,\n} from 'x';\n"), ['x']);
  });

  it('imports run one way: renderer -> proxy/contract <- proxy <- app', () => {
    const wrong = sources.flatMap(({ file, imports }) => {
      const room = file.split('/')[0] ?? '';
      return imports
        .filter((specifier) =>
          specifier.startsWith('.')
            ? !allowed[room]?.(resolve(file, specifier))
            : forbiddenPackages[room]?.test(specifier),
        )
        .map((specifier) => `${file} imports ${specifier}`);
    });
    assert.deepEqual(wrong, []);
  });

  it('Electron is imported in app/desktop only', () => {
    const wrong = sources
      .filter(
        ({ file, imports }) => !file.startsWith('app/desktop/') && imports.some((name) => /^electron(\/|$)/.test(name)),
      )
      .map(({ file }) => file);
    assert.deepEqual(wrong, []);
  });

  it('proxy/contract imports zod and itself only', () => {
    const wrong = sources
      .filter(({ file }) => file.startsWith('proxy/contract/'))
      .flatMap(({ file, imports }) =>
        imports
          .filter((specifier) =>
            specifier.startsWith('.') ? !resolve(file, specifier).startsWith('proxy/contract/') : specifier !== 'zod',
          )
          .map((specifier) => `${file} imports ${specifier}`),
      );
    assert.deepEqual(wrong, []);
  });

  it(`no file is longer than ${maxLines} lines`, () => {
    const long = sources
      .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > maxLines);
    assert.deepEqual(long, []);
  });

  it('there are no import cycles', () => {
    const graph = new Map(
      sources.map(({ file, imports }) => [
        file,
        imports.filter((specifier) => specifier.startsWith('.')).map((specifier) => resolve(file, specifier)),
      ]),
    );
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
        return;
      }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
      state.set(file, 'done');
    };
    for (const file of graph.keys()) visit(file, []);
    assert.deepEqual(cycles, []);
  });

  it('every relative import names an existing source file', () => {
    const known = new Set(sources.map(({ file }) => file));
    const missing = sources.flatMap(({ file, imports }) =>
      imports
        .filter((specifier) => specifier.startsWith('.') && /\.tsx?$/.test(specifier))
        .filter((specifier) => !known.has(resolve(file, specifier)))
        .map((specifier) => `${file} imports ${specifier}`),
    );
    assert.deepEqual(missing, []);
  });

  it('app/ holds no package.json: electron-builder would take it for the application', async () => {
    assert.deepEqual(
      (await walk('app')).filter((file) => file.endsWith('package.json')),
      [],
    );
  });
});
