import type { HeldBack, LockChange, Lowered } from 'bunny-libos-resolver';
import { shellLine } from 'bunny-libos-spec';
import type { Terminal } from './terminal.js';

/** What was chosen for the targets of a new lock. */
interface Choices {
  held: readonly HeldBack[];
  lowered: readonly Lowered[];
  targets: readonly unknown[];
}

/** Says what a new lock has that somebody might not expect: what is held far back by others, and what has become older. */
export function noteChoices(terminal: Terminal, { held, lowered, targets }: Choices): void {
  for (const each of held) {
    if (each.far) terminal.note(`${heldText(each, targets.length)}; ${preferText(each.name, each.newest)}`);
  }
  noteLowered(terminal, lowered);
}

/** Says what has become older, and why. */
export function noteLowered(terminal: Terminal, lowered: readonly Lowered[]): void {
  const texts = lowered.map(
    ({ name, before, after, because }) => `${name} is lowered from ${before} to ${after}: ${because}`,
  );
  for (const text of new Set(texts)) terminal.note(text);
}

/** `a is 1.0.0, not 2.0.0: a 2.0.0 needs j ^2, and z 2.0.0 needs j ^3`. `locked`: how many targets there are. */
export function heldText({ name, version, newest, because, targets }: HeldBack, locked: number): string {
  const where = targets.length < locked ? ` for ${targets.join(' and ')}` : '';
  return `${name} is ${version}${where}, not ${newest}: ${clauses(because)}`;
}

/** Who needs what, in one sentence. */
export function clauses(because: readonly string[]): string {
  return because.join(', and ') || 'it is incompatible with the rest';
}

/** How to have a version rather than what keeps it out. */
export function preferText(name: string, version: string): string {
  return `\`${shellLine(['bunny', 'add', `${name}@^${version}`])}\` asks for it`;
}

/** `a 1.0.0 -> 2.0.0, j 3.0.0 -> 2.0.0` */
export function changesText(changes: readonly LockChange[]): string {
  return changes
    .map(({ name, before, after }) =>
      before === undefined
        ? `${name} ${after} comes in`
        : after === undefined
          ? `${name} goes`
          : `${name} ${before} -> ${after}`,
    )
    .join(', ');
}
