import { createHash } from 'node:crypto';

interface LocalModel {
  name: string;
  /** Bytes on the disk, near enough. */
  size: number;
  family: string;
  parameters: string;
  contextLength: number;
  thinks: boolean;
}

/** What Ollama's documentation recommends for coding (protocol.md 5). */
const models: readonly LocalModel[] = [
  model('glm-4.7-flash:latest', 19e9, 'glm4moelite', '30B', 202_752, true),
  model('qwen3-coder:30b', 19e9, 'qwen3moe', '30.5B', 262_144, false),
  model('gpt-oss:20b', 14e9, 'gptoss', '20.9B', 131_072, true),
];

function model(
  name: string,
  size: number,
  family: string,
  parameters: string,
  contextLength: number,
  thinks: boolean,
): LocalModel {
  return { name, size, family, parameters, contextLength, thinks };
}

const modifiedAt = '2026-11-01T09:00:00Z';

/** @returns the model; `:latest` may be left out, as in Ollama */
export function findLocalModel(name: string): LocalModel | undefined {
  return models.find((known) => known.name === name || known.name === `${name}:latest`);
}

/** @returns the entries of /api/tags */
export function listTags(): object[] {
  return models.map(tagOf);
}

/** @returns the entries of /v1/models */
export function listForOpenai(): object[] {
  const created = Date.parse(modifiedAt) / 1000;
  return models.map(({ name }) => ({ id: name, object: 'model', created, owned_by: 'library' }));
}

/** @returns the answer of /api/show */
export function describeModel(local: LocalModel): object {
  return {
    details: detailsOf(local),
    model_info: { 'general.architecture': local.family, [`${local.family}.context_length`]: local.contextLength },
    capabilities: ['completion', 'tools', ...(local.thinks ? ['thinking'] : [])],
    parameters: '',
    template: '{{ .Prompt }}',
    modified_at: modifiedAt,
  };
}

/** @returns the entry of /api/ps for a model in memory */
export function describeLoaded(local: LocalModel, contextLength: number, expiresAt: Date): object {
  const { modified_at: _, ...tag } = tagOf(local);
  return { ...tag, expires_at: expiresAt.toISOString(), size_vram: local.size, context_length: contextLength };
}

function tagOf(local: LocalModel) {
  const { name, size } = local;
  const digest = createHash('sha256').update(`demo ${name}`).digest('hex');
  return { name, model: name, modified_at: modifiedAt, size, digest, details: detailsOf(local) };
}

function detailsOf({ family, parameters }: LocalModel) {
  return { format: 'gguf', family, families: [family], parameter_size: parameters, quantization_level: 'Q4_K_M' };
}
