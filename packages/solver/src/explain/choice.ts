import type { Asker } from '../search/asker.js';
import type { Cause } from '../search/cause.js';
import type { Package } from '../search/package.js';
import type { Fact } from './core.js';
import { requestsIn, wantedBy } from './demands.js';

/**
 * Of the facts that leave a choice open, those that lead to it. The others only say that nothing else
 * settles it, which goes without saying.
 */
export function leadingToChoice(facts: readonly Fact[]): Fact[] {
  const reached = new Set<Package>();
  for (const { cause } of facts) if (cause.kind === 'ambiguous') reached.add(cause.capability);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { from, to } of facts.flatMap(({ cause }) => steps(cause))) {
      if (from !== undefined && reached.has(to)) reached.add(from);
    }
  }
  return facts.filter(({ cause }) => steps(cause).some(({ to }) => reached.has(to)));
}

/** What a fact says is there because of what. The root is undefined. */
function steps(cause: Cause): { from: Package | undefined; to: Package }[] {
  const to = wantedBy(cause);
  const asked =
    to === undefined ? [] : requestsIn(cause).map(({ asker }) => ({ from: packageOf(asker), to }));
  if (cause.kind !== 'only' && cause.kind !== 'provider') return asked;
  return [...asked, { from: cause.capability, to: cause.provider }];
}

function packageOf(asker: Asker): Package | undefined {
  return asker.kind === 'component' ? asker.component : undefined;
}
