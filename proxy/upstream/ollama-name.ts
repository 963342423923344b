/**
 * Ollama's names leave out what is usual: the registry, the owner `library`, the tag `latest`; case does not count.
 * @returns true where both name the same model
 */
export function isSameModel(one: string, other: string): boolean {
  return wholeName(one) === wholeName(other);
}

/** @returns the name with its tag, in lower case and without the usual registry and owner */
export function wholeName(name: string): string {
  const bare = name
    .toLowerCase()
    .replace(/^registry\.ollama\.ai\//, '')
    .replace(/^library\//, '');
  const isTagged = bare.lastIndexOf(':') > bare.lastIndexOf('/');
  return isTagged ? bare : `${bare}:latest`;
}
