import { Catalog, definersOf, requirementText } from 'bunny-libos-namespace';
import type { CompileContext } from '../compile/job.js';
import { publicHeaderName, publicHeaders } from '../plan/public-headers.js';

/**
 * What to declare for headers that a compiler does not find: who has them, of what is on disk or in the catalog. It
 * serves an error message: where it cannot be known, or nobody has them, it is undefined.
 */
export async function headerAdvice(
  headers: readonly string[],
  context: CompileContext,
): Promise<string | undefined> {
  const owners = new Map(headers.map((header) => [header, new Set<string>()]));
  try {
    for (const variant of context.local) {
      const { name, version } = variant.identity;
      for (const header of await publicHeaders(variant)) {
        owners.get(publicHeaderName(header))?.add(`${name}: ^${version}`);
      }
    }
    await addCatalogued(owners, context);
  } catch {
    // What was found by then will do.
  }
  const advice = [...owners].flatMap(([header, requirements]) => {
    if (requirements.size === 0) return [];
    const texts = [...requirements].map((text) => `\`${text}\``);
    return [`add ${texts.join(' or ')} to its dependencies, for ${header}`];
  });
  return advice.length === 0 ? undefined : advice.join('; ');
}

async function addCatalogued(
  owners: ReadonlyMap<string, Set<string>>,
  { bases, store, rules, local, signal }: CompileContext,
): Promise<void> {
  const place = { bases, store, framework: rules.framework };
  const catalog = new Catalog({ ...place, signal });
  const here = new Set(local.map(({ identity }) => identity.name));
  const entries = (await catalog.entries()).map(({ entry }) => entry);
  for (const [header, definers] of definersOf(entries, 'headers', owners.keys())) {
    // Of a component that is here, it is what is here that matters.
    for (const each of definers)
      if (!here.has(each.component)) owners.get(header)?.add(requirementText(each));
  }
}
