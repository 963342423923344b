import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { environmentNames } from '../../app/service/environment.ts';
import { parseSettings } from '../../app/service/settings-file.ts';
import { defaultSettings } from '../../proxy/contract/settings.ts';

const root = path.join(import.meta.dirname, '..', '..');
const names = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'DECISIONS.md',
  'docs/settings.md',
  'docs/connect-claude-code.md',
];
const documents = new Map<string, string>();

before(async () => {
  for (const name of names) documents.set(name, await readFile(path.join(root, name), 'utf8'));
});

function textOf(name: string): string {
  return documents.get(name) ?? assert.fail(`${name} was not read`);
}

/** Blocks of JSON that stand in a document. */
function jsonOf(name: string): string[] {
  return [...textOf(name).matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
}

describe('the documents', () => {
  it('show the settings as they are by default', () => {
    const shown = jsonOf('docs/settings.md')[0] ?? '';
    assert.deepEqual(JSON.parse(shown), defaultSettings());
    assert.deepEqual(parseSettings(shown), { state: 'sound', settings: defaultSettings() });
  });

  it('explain every group of settings and every field in it', () => {
    const text = textOf('docs/settings.md');
    for (const [group, value] of Object.entries(defaultSettings())) {
      assert.ok(text.includes(`| \`${group}`), group);
      if (typeof value !== 'object' || Array.isArray(value)) continue;
      for (const field of Object.keys(value))
        assert.match(text, new RegExp(`^\\|.*\`(${group}\\.)?${field}\`.*\\|`, 'm'), `${group}.${field}`);
    }
  });

  it('explain every environment variable', () => {
    const others = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'STRELKA_HOME', 'CUSTOM_HEADER_*'];
    for (const name of [...environmentNames, ...others])
      assert.match(textOf('docs/settings.md'), new RegExp(`^\\|.*\`${name.replace('*', '\\*')}\`.*\\|`, 'm'), name);
  });

  it('hold valid JSON wherever they show JSON', () => {
    for (const name of names)
      for (const text of jsonOf(name)) assert.doesNotThrow(() => JSON.parse(text), `${name}: ${text}`);
  });

  it('link to files that exist', async () => {
    for (const name of names)
      for (const [, target] of textOf(name).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
        await access(path.join(root, path.dirname(name), target ?? ''));
  });
});
