import { z } from 'zod';
import data from './catalogue.json' with { type: 'json' };
import { bareModelId } from './model-pattern.ts';

const tokens = z.number().int().positive();
const roubles = z.number().nonnegative();

const priceSchema = z.strictObject({
  /** Roubles per million tokens, VAT included. */
  inputRub: roubles,
  outputRub: roubles,
  cachedRub: roubles.optional(),
});
export type Price = Readonly<z.infer<typeof priceSchema>>;

/** What is published about a model. A number that nobody publishes is absent, never guessed. */
const entrySchema = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(['chat', 'embedding', 'transcription']).default('chat'),
  /**
   * Who lists the model at the catalogue's date: cloud.ru itself, cloud.ru as a pass-on abroad (no SLA, and the data
   * leaves Russia), or Ollama's library. Absent: no longer listed.
   */
  listed: z.enum(['cloudru', 'cloudru-external', 'ollama']).optional(),
  contextWindow: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  vision: z.boolean().default(false),
  reasoning: z.boolean().default(false),
  tools: z.boolean().default(true),
  price: priceSchema.optional(),
  source: z.string().min(1),
});
export type CatalogueEntry = Readonly<z.infer<typeof entrySchema>>;

const catalogue = z
  .strictObject({
    asOf: z.iso.date(),
    note: z.string(),
    models: z.array(entrySchema),
  })
  .parse(data);

const byId = new Map<string, CatalogueEntry>(catalogue.models.map((entry) => [entry.id.toLowerCase(), entry]));
const byBareId = new Map<string, CatalogueEntry>();
for (const entry of catalogue.models) {
  const bare = bareModelId(entry.id).toLowerCase();
  // The first one wins: two owners' models of one name differ in price at most, and the price is dropped below.
  if (!byBareId.has(bare)) byBareId.set(bare, entry);
}

/** The day at which the catalogue was true, as YYYY-MM-DD. */
export const catalogueDate = catalogue.asOf;

/**
 * Weights that were only repacked keep their numbers: the suffixes under which servers list quantised copies, and the
 * tags of Ollama and routers that name no other size.
 */
const repacked =
  /(?:-(?:fp8|fp4|nvfp4|mxfp4|mxfp8|int4|int8|awq|gptq(?:-int[48])?|bf16|gguf)|:(?:latest|free|cloud))$/i;

/**
 * Finds what is published about a model, whatever the case of its id and whoever is named as its owner.
 * A price is told only for the id that the tariff names: the same weights elsewhere cost something else.
 * @param model the id as an upstream lists it, for example `zai-org/GLM-5.1`
 * @returns the entry, or undefined for a model that the bundled list doesn't know
 */
export function findCatalogued(model: string): CatalogueEntry | undefined {
  const id = model.toLowerCase();
  const exact = byId.get(id) ?? byId.get(bareModelId(id));
  if (exact) return exact;
  const bare = bareModelId(id);
  const kin = byBareId.get(bare) ?? byBareId.get(bare.replace(repacked, ''));
  if (kin === undefined) return undefined;
  const { price: _, listed: __, ...facts } = kin;
  return facts;
}

/** @returns the models that somebody lists at the catalogue's date, in its order */
export function modelsListedBy(owner: NonNullable<CatalogueEntry['listed']>): readonly CatalogueEntry[] {
  return catalogue.models.filter(({ listed }) => listed === owner);
}

/**
 * @param model the id as cloud.ru lists it; the same model on the user's own Ollama costs nothing, which the caller
 *   knows by the upstream and not by the name
 * @returns roubles per million tokens by cloud.ru's tariff, or undefined where the price is unknown
 */
export function priceOf(model: string): Price | undefined {
  return findCatalogued(model)?.price;
}

/** Ids that name something else than a chat model, where the catalogue doesn't know them. */
const notChat = /embed|rerank|whisper|(?:^|[/_-])(?:bge|e5|gte|tts|asr|ocr|clip|sdxl|flux|kandinsky)(?:[-_.]|$)/i;

/** @returns false for models that can't hold a conversation: embeddings, rerankers, speech, pictures */
export function isChatModel(model: string): boolean {
  const known = findCatalogued(model);
  return known ? known.kind === 'chat' : !notChat.test(model);
}
