import type { Namespace } from 'bunny-libos-namespace';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  suggestion,
  type ToolingRules,
} from 'bunny-libos-spec';
import { viewsOf } from '../lock/views.js';

/**
 * Looks for choices under `providers` of a Bunnyfile that chose nothing in the closures of the lock. Returns a
 * warning for each; throws BUNNY_ENOTFOUND at its place where there is no such component, or it provides no such
 * capability in any version.
 */
export async function checkProviders(
  document: Document<Bunnyfile>,
  lock: Lock,
  { capabilities, framework }: ToolingRules,
  namespace: Pick<Namespace, 'variants'>,
): Promise<string[]> {
  const used = new Set(lock.targets.flatMap(({ components }) => components.map(({ name }) => name)));
  const warnings = new Set<string>();
  for (const view of viewsOf(document, lock)) {
    for (const warning of await idleChoices(view, used, { capabilities, framework }, namespace)) {
      warnings.add(warning);
    }
  }
  return [...warnings];
}

async function idleChoices(
  document: Document<Bunnyfile>,
  used: ReadonlySet<string>,
  { capabilities, framework }: Pick<ToolingRules, 'capabilities' | 'framework'>,
  namespace: Pick<Namespace, 'variants'>,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const [capability, provider] of Object.entries(document.value.providers)) {
    const isDeclared = Object.hasOwn(capabilities, capability);
    // What the solver chose does provide it.
    if (isDeclared && used.has(provider)) continue;
    const variants = await namespace.variants(provider);
    if (variants === undefined) {
      const known = isDeclared ? (capabilities[capability]?.providers ?? []) : used;
      throw nothing(document.at(['providers', capability]), {
        summary: `there is no component ${provider} to provide ${capability}`,
        hint: suggestion(provider, known) ?? 'remove the choice',
      });
    }
    const provided = new Set(variants.flatMap(({ identity }) => Object.keys(identity.provides)));
    if (!provided.has(capability)) {
      const names = new Set([...provided, ...Object.keys(capabilities)].sort());
      throw nothing(document.keyAt(['providers', capability]), {
        summary: isDeclared
          ? `${provider} does not provide ${capability}`
          : `${framework} has no capability ${capability} that ${provider} provides`,
        hint: suggestion(capability, names) ?? `it provides ${[...provided].sort().join(', ') || 'nothing'}`,
      });
    }
    if (used.has(provider)) continue;
    warnings.push(`the choice of ${provider} for ${capability} does nothing: no closure needs ${capability}`);
  }
  return warnings;
}

function nothing(
  where: ReturnType<Document<Bunnyfile>['at']>,
  { summary, hint }: { summary: string; hint: string },
): BunnyError {
  return new BunnyError('BUNNY_ENOTFOUND', summary, {
    where,
    hint,
    exitStatus: exitStatus.unsatisfiable,
  });
}
