/** What a `.d` file says of an object: the source, and the headers that it was made of. */
export interface Prerequisites {
  source: string;
  headers: string[];
}

/** Reads a dependency file as fixdep of Kconfig writes it; undefined for another text. */
export function readPrerequisites(text: string): Prerequisites | undefined {
  const [, source] = /^source_\S+ := (\S+)$/m.exec(text) ?? [];
  const [, list] = /^deps_\S+ := \\\n((?:.*\\\n)*.*)$/m.exec(text) ?? [];
  if (source === undefined || list === undefined) return undefined;
  const headers = list
    .replaceAll(/\$\(wildcard [^)]*\)/g, '')
    .split(/[\s\\]+/)
    .filter((path) => path.startsWith('/'));
  return { source, headers };
}
