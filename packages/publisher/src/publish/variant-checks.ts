import { BunnyError, type ComponentConfig } from 'bunny-libos-spec';
import type { FilesRead } from 'bunny-libos-tooling';
import { failuresTogether } from '../checks/failures-together.js';
import { checkSymbols, type SymbolSource } from '../checks/symbol-check.js';
import type { CompileContext, CompileJob } from '../compile/job.js';
import { type ConfigSource, imageSymbols, symbolSource } from '../compile/symbol-sources.js';
import { configurationLabel, variantLabel } from '../plan/local-variant.js';
import { cataloguedDefiners, knownDefiners } from './symbol-definers.js';

/**
 * Holds compiled variants against their declared dependencies. Throws BUNNY_EUNDECLARED, once for all of them. Returns
 * a warning for each dependency that is declared and not used, with the variants that do not.
 */
export async function checkVariants(
  made: Iterable<readonly [CompileJob, ComponentConfig]>,
  context: CompileContext,
  read: FilesRead,
): Promise<string[]> {
  const unused = new Map<string, { variant: string; dependency: string; configurations: string[] }>();
  const undeclared: BunnyError[] = [];
  for (const [job, config] of made) {
    const { name, version } = config.identity;
    const dependencies = await unusedDependencies(job, config, context, read).catch((error: unknown) => {
      if (!isUndeclared(error)) throw error;
      undeclared.push(error);
      return [];
    });
    // Which headers prebuilt objects were compiled with, nobody knows; what has none is there for what it depends on.
    if (job.variant.local.document.value.objects.length > 0 || config.objects.length === 0) continue;
    for (const dependency of dependencies) {
      const variant = `${name} ${version}`;
      const key = `${variant} ${dependency}`;
      const found = unused.get(key) ?? { variant, dependency, configurations: [] };
      unused.set(key, found);
      found.configurations.push(configurationLabel(config.identity));
    }
  }
  const [first, ...others] = undeclared;
  if (first !== undefined) {
    throw failuresTogether([first, ...others], {
      summary: (count) => `${count} variants use symbols that no declared dependency defines`,
      hint: 'complete `dependencies` in the component.yaml of each',
    });
  }
  return [...unused.values()].map(({ variant, dependency, configurations }) => {
    const which = [variant, configurations.join(', ')].filter((part) => part !== '').join(' ');
    return `${which} declares ${dependency}, but uses neither a symbol nor a header of it`;
  });
}

function isUndeclared(error: unknown): error is BunnyError {
  return error instanceof BunnyError && error.code === 'BUNNY_EUNDECLARED';
}

async function unusedDependencies(
  job: CompileJob,
  config: ComponentConfig,
  context: CompileContext,
  read: FilesRead,
): Promise<string[]> {
  const { variant, closure, rules } = job;
  const sourceOf = async (member: Parameters<ConfigSource['configOf']>[0]) =>
    symbolSource(await context.configs.configOf(member));
  const direct = new Map<string, SymbolSource>();
  for (const [requirement, component] of Object.entries(closure.direct)) {
    const member = closure.members.find((each) => each.variant.identity.name === component);
    if (member !== undefined) direct.set(requirement, await sourceOf(member));
  }
  const base = await Promise.all((await context.closures.knownBaseOf(rules)).map(sourceOf));
  const names = [config.identity, ...closure.members.map((each) => each.variant.identity), ...base].map(
    ({ name }) => name,
  );
  const sources = new Map(job.plan.objects.map(({ path, source }) => [path, source]));
  const use = {
    label: variantLabel(variant),
    file: variant.local.file,
    objects: config.objects.map(({ path, undefined: wanted }) => ({
      source: sources.get(path) ?? path,
      undefined: wanted,
    })),
    own: symbolSource(config).defined,
    direct,
    base: [...base, ...imageSymbols(rules.target, names)],
    included: includedDependencies(job, read),
  };
  try {
    return checkSymbols({ ...use, others: [] });
  } catch (error) {
    if (!isUndeclared(error)) throw error;
    const others = await knownDefiners(rules, context.local, context.published, context.configs);
    const definers = await cataloguedDefiners(use.objects, rules, context);
    return checkSymbols({ ...use, others, definers });
  }
}

/** Declared dependencies whose headers the compiler read. */
function includedDependencies(job: CompileJob, read: FilesRead): Set<string> {
  const files = job.plan.objects.flatMap(({ output }) => read.get(output) ?? []);
  const included = new Set<string>();
  for (const [requirement, component] of Object.entries(job.closure.direct)) {
    const root = job.memberRoots.get(component);
    if (root !== undefined && files.some((file) => file.startsWith(`${root}/`))) included.add(requirement);
  }
  return included;
}
