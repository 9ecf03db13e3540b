import type { Namespace, Variant } from 'bunny-libos-namespace';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  own,
  suggestion,
  type ToolingRules,
} from 'bunny-libos-spec';
import { viewsOf } from '../lock/views.js';

/**
 * Looks for options that a Bunnyfile asks of components which are in no closure of the lock. Returns a
 * warning for each; throws BUNNY_ENOTFOUND or BUNNY_EOPTION where there is no such component or option.
 */
export async function checkOptions(
  document: Document<Bunnyfile>,
  lock: Lock,
  { capabilities }: Pick<ToolingRules, 'capabilities'>,
  namespace: Namespace,
): Promise<string[]> {
  const used = new Set(lock.targets.flatMap(({ components }) => components.map(({ name }) => name)));
  const warnings = new Set<string>();
  for (const view of viewsOf(document, lock)) {
    for (const warning of await unusedOptions(view, used, capabilities, namespace)) warnings.add(warning);
  }
  return [...warnings];
}

async function unusedOptions(
  document: Document<Bunnyfile>,
  used: ReadonlySet<string>,
  capabilities: ToolingRules['capabilities'],
  namespace: Namespace,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const [name, wanted] of Object.entries(document.value.options)) {
    if (used.has(name)) continue;
    const variants = await namespace.variants(name);
    if (variants === undefined) {
      const providers = own(capabilities, name)?.providers ?? [];
      const provider = providers.find((each) => used.has(each));
      throw new BunnyError('BUNNY_ENOTFOUND', `there is no component ${name} to have options`, {
        where: document.keyAt(['options', name]),
        hint:
          provider === undefined
            ? (suggestion(name, used) ?? 'remove its options')
            : `${name} is provided by ${provider}: give them to ${provider}`,
        exitStatus: exitStatus.unsatisfiable,
      });
    }
    requireOptionsExist(document, name, wanted, variants);
    warnings.push(`the options of ${name} do nothing: ${name} is not in the closure`);
  }
  return warnings;
}

/**
 * Checks that the options which a Bunnyfile asks of a component exist and that some variant was built with
 * each value: what no one ever built would otherwise come out as a conflict. Throws BUNNY_EOPTION.
 */
export function requireOptionsExist(
  document: Document<Bunnyfile>,
  component: string,
  wanted: Bunnyfile['options'][string],
  variants: readonly Variant[],
): void {
  const built = new Map<string, Set<string | number | boolean>>();
  for (const { identity } of variants) {
    for (const [name, value] of Object.entries(identity.options)) {
      built.set(name, (built.get(name) ?? new Set()).add(value));
    }
  }
  for (const [name, value] of Object.entries(wanted)) {
    const values = built.get(name);
    const at = placeOf(document, component, name);
    if (values === undefined) {
      const near = suggestion(name, built.keys());
      throw new BunnyError('BUNNY_EOPTION', `${component} has no option ${name}`, {
        where: at,
        hint: near ?? `it has ${[...built.keys()].sort().join(', ') || 'none'}`,
        exitStatus: exitStatus.unsatisfiable,
      });
    }
    if (values.has(value)) continue;
    const known = [...values].map((each) => JSON.stringify(each)).sort();
    throw new BunnyError(
      'BUNNY_EOPTION',
      `no variant of ${component} has ${name} = ${JSON.stringify(value)}`,
      { where: at, hint: `published: ${known.join(', ')}`, exitStatus: exitStatus.unsatisfiable },
    );
  }
}

function placeOf(document: Document<Bunnyfile>, component: string, option: string) {
  const { options } = document.value;
  return Object.hasOwn(options, component) && Object.hasOwn(options[component] ?? {}, option)
    ? document.at(['options', component, option])
    : document.at(['dependencies', component, 'options', option]);
}
