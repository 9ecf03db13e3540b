import { nothing, overlaps } from '../search/candidate-set.js';
import type { Incompatibility } from '../search/incompatibility.js';
import type { World } from '../search/world.js';
import { collapse, type Line } from './collapse.js';
import { core, factsOf } from './core.js';
import type { Demand } from './demands.js';
import { Story } from './story.js';

/** Somebody's need, out of those that leave no closure. */
export interface Objection {
  /** `net 1.2.0 needs libc ^2.0` */
  text: string;
  /** The component that is needed as what there is nothing of. */
  lacks?: string | undefined;
}

/** More than this nobody reads in one sentence. */
const mostTold = 4;

/** Who needs what, of the facts that a proof rests on: of what the root asks for just what forbids something. */
export function objectionsOf(proof: Incompatibility, world: World): Objection[] {
  const story = new Story(core(factsOf(proof)), world);
  const disputed = new Set(
    story.demands.flatMap(({ asker, on }) => (asker.kind === 'component' ? [on] : [])),
  );
  const lacking = new Map<Line, string>();
  const dull = new Set<Line>();
  for (const demand of story.demands) {
    const line = story.lineOf.get(demand);
    if (line === undefined) continue;
    if (demand.entries.every(({ allowed }) => allowed === nothing)) lacking.set(line, demand.on.name);
    if (demand.asker.kind !== 'component' && !(disputed.has(demand.on) && forbids(demand))) dull.add(line);
  }
  const told = story.lines.filter((line) => !dull.has(line));
  return collapse(told, mostTold)
    .slice(0, mostTold)
    .map(({ parts, text }): Objection => {
      const lacks = parts.flatMap((line) => lacking.get(line) ?? []).at(-1);
      return { text: text(), lacks };
    });
}

/** Whether something of what is asked for is not what is asked for. */
function forbids({ on, entries }: Demand): boolean {
  if (on.kind === 'capability') return true;
  const all = on.where(() => true);
  return entries.some(({ allowed }) => overlaps(all, ~allowed));
}
