/**
 * Tells whether a model's name fits a pattern, as settings and profiles.json write it: `*` stands for any characters,
 * none included; every other character stands for itself; case does not count.
 * Pieces are searched from left to right, so the time is linear where a regular expression could be made to backtrack.
 * @param pattern for example `claude-*-4-5`
 * @param name the whole name; nothing is cut from it
 */
export function fitsPattern(pattern: string, name: string): boolean {
  const pieces = pattern.toLowerCase().split('*');
  const text = name.toLowerCase();
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return text === first;
  const last = pieces.at(-1) ?? '';
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return false;
  let position = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, position);
    if (found < 0 || found + piece.length > end) return false;
    position = found + piece.length;
  }
  return true;
}

/** @returns the id without its owner: `GLM-5.1` of `zai-org/GLM-5.1` */
export function bareModelId(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}

/** @returns true where the pattern fits the model's id, or the id without its owner */
export function fitsModel(pattern: string, model: string): boolean {
  return fitsPattern(pattern, model) || fitsPattern(pattern, bareModelId(model));
}
