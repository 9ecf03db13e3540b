import type { Attempt, Trial } from '../search/attempt.js';
import { compareText } from '../search/order.js';
import type { Outcome } from '../search/search.js';
import type { Failure, Root } from '../search/universe.js';
import type { World } from '../search/world.js';
import { leadingToChoice } from './choice.js';
import { collapse } from './collapse.js';
import { choices, conclusions, type Numbering } from './conclusions.js';
import { core, type Fact, factsOf } from './core.js';
import { requestsIn } from './demands.js';
import { Story } from './story.js';
import { suggest } from './suggest.js';
import { join, proviso, some, wish } from './words.js';

/** More lines than this nobody reads. */
const mostLines = 12;
/** Conflicts told of one root, and decisions and steps of work that looking for one more may take. */
const mostConflicts = 3;
const mostDecisions = 30_000;
const mostWork = 8_000_000;

/**
 * Puts a failed search into the user's words. Yields changed roots that it wants tried, to tell
 * which changes help.
 */
export function* explain(
  outcome: Exclude<Outcome, { kind: 'solved' }>,
  world: World,
): Generator<Trial, Failure, Attempt> {
  if (outcome.kind === 'budget') return exhausted(outcome, world);
  const known = [...new Set([...world.names, ...namesOf(world)])];
  const facts = core(factsOf(outcome.proof));
  const conflicts = [{ world, facts }, ...(yield* others(world, facts))];
  const told = conflicts.map((each) => ({
    ...each,
    facts: isChoice(each.facts, each.world, known) ? leadingToChoice(each.facts) : each.facts,
  }));
  let lines: string[] = [];
  for (const { world, facts } of told) {
    const place = { most: Math.floor(mostLines / told.length), before: lines.length };
    lines = [...lines, ...tell(new Story(facts, world), world, known, place)];
  }
  return {
    kind: 'unsatisfiable',
    summary: summary(told, world.root.name),
    lines,
    asked: sortedNames(told.flatMap(({ facts }) => [...askedIn(facts)])),
    suggestions: yield* suggest(world, facts, known),
  };
}

interface Conflict {
  world: World;
  facts: readonly Fact[];
}

/** What else is wrong with the root, once what it asks for in one conflict, and then in the next, is left out. */
function* others(world: World, first: readonly Fact[]): Generator<Trial, Conflict[], Attempt> {
  const found: Conflict[] = [];
  let { root } = world;
  for (let facts = first; found.length < mostConflicts - 1; ) {
    const left = withoutWishes(root, facts);
    if (left === undefined) break;
    root = left;
    const budget = Math.min(mostDecisions, world.options.budget ?? mostDecisions);
    const work = Math.min(mostWork, world.options.work ?? mostWork);
    const { world: rest, outcome } = yield { root, options: { ...world.options, budget, work } };
    if (outcome.kind !== 'unsatisfiable') break;
    facts = core(factsOf(outcome.proof));
    found.push({ world: rest, facts });
  }
  return found;
}

/** A root without what it asks for in a conflict. Undefined where nothing is left, or nothing goes. */
function withoutWishes(root: Root, facts: readonly Fact[]): Root | undefined {
  const wishes = askedIn(facts);
  const rest = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => !wishes.has(name)));
  const requirements = rest(root.requirements);
  if (wishes.size === 0 || Object.keys(requirements).length === 0) return undefined;
  return { ...root, requirements, constraints: rest(root.constraints ?? {}) };
}

/** Names of what the root asks for in some facts. */
function askedIn(facts: readonly Fact[]): Set<string> {
  const names = new Set<string>();
  for (const { cause } of facts) {
    if (cause.kind === 'constraint') names.add(cause.request.name);
    for (const { asker, request } of requestsIn(cause)) if (asker.kind === 'root') names.add(request.name);
  }
  return names;
}

function sortedNames(names: readonly string[]): string[] {
  return [...new Set(names)].sort(compareText);
}

/** Whether all that is wrong is that nobody chose. */
function isChoice(facts: readonly Fact[], world: World, names: readonly string[]): boolean {
  if (facts.every(({ cause }) => cause.kind !== 'ambiguous')) return false;
  const story = new Story(facts, world);
  const open = new Set(choices(story));
  for (const text of conclusions(story, world, names, () => 0)) if (!open.has(text)) return false;
  return true;
}

/** The lines of a story and what they come to: so many at most, after so many of other stories. */
function tell(
  story: Story,
  world: World,
  names: readonly string[],
  { most, before }: { most: number; before: number },
): string[] {
  // With so many lines there is no room, whatever they come to.
  const isFull = story.lines.length >= most;
  const room = isFull ? 0 : most - concluded(story, world, names, () => 0).length;
  const told = collapse(story.lines, room);
  const numbers = new Map(
    told.flatMap(({ parts }, i) => parts.map((line) => [line, before + i + 1] as const)),
  );
  const numbering: Numbering = (fact) => {
    const line = fact && story.lineOf.get(fact);
    return (line && numbers.get(line)) ?? 0;
  };
  const ends = concluded(story, world, names, numbering);
  if (told.length + ends.length <= most) return [...told.map(({ text }) => text()), ...ends];
  const kept = Math.max(most - 1 - ends.length, Math.floor(most / 2));
  const left = told.length - kept;
  return [
    ...told.slice(0, kept).map(({ text }) => text()),
    ...(left > 0 ? [`and ${left} more requirements stand in the way`] : []),
    ...concluded(story, world, names, numbering, before + kept).slice(0, most - 1 - kept),
  ];
}

/** What a story comes to, as far as there could be room for it. */
function concluded(
  story: Story,
  world: World,
  names: readonly string[],
  numbering: Numbering,
  shown = Number.POSITIVE_INFINITY,
): string[] {
  const texts: string[] = [];
  for (const text of conclusions(story, world, names, numbering, shown)) {
    texts.push(text);
    if (texts.length > mostLines) break;
  }
  return texts;
}

function namesOf(world: World): string[] {
  return [
    ...[...world.components].filter(({ listing }) => listing).map(({ name }) => name),
    ...[...world.capabilities].filter(({ order }) => (order ?? []).length > 0).map(({ name }) => name),
  ];
}

/** Which of the root's wishes do not go together. */
function summary(conflicts: readonly Conflict[], app: string): string {
  const [first = '', ...more] = conflicts.flatMap(({ facts }) => wishesIn(facts) ?? []);
  if (first === '') return `nothing can meet what ${app} asks for`;
  return [`${app} cannot have ${first}`, ...more].join(', nor ');
}

/** `net ^1 and libc ^2 in one closure`. Undefined where the root asks for nothing of it. */
function wishesIn(facts: readonly Fact[]): string | undefined {
  const wishes = facts.flatMap(({ cause }) => {
    if (cause.kind === 'constraint') return [proviso(cause.request)];
    return requestsIn(cause).flatMap(({ asker, request }) =>
      asker.kind === 'component' ? [] : [wish(request)],
    );
  });
  const texts = [...new Set(wishes)].sort(compareText);
  if (texts.length < 2) return texts[0];
  const named =
    texts.length <= 3 ? texts : [...texts.slice(0, 2), `${texts.length - 2} more of what it asks for`];
  return `${join(named)} in one closure`;
}

/** What the search spent its decisions and its work on. */
function exhausted(outcome: Extract<Outcome, { kind: 'budget' }>, world: World): Failure {
  const { decisions, work, state } = outcome;
  const packages = [...world.components, ...world.capabilities]
    .map(({ name, number }) => ({ name, conflicts: state.conflictsOf(number) }))
    .filter(({ conflicts }) => conflicts > 0)
    .sort((a, b) => b.conflicts - a.conflicts || compareText(a.name, b.name));
  const worst = packages.slice(0, 5);
  const asked = world.rootRequests
    .filter(({ asker, request }) => asker.kind === 'root' && worst.some(({ name }) => name === request.name))
    .map(({ request }) => request.name);
  const tried = [...world.components]
    .filter((component) => state.solution.isDecided(component))
    .map(
      (component) => `${component.name} ${component.candidate(state.solution.decided(component)).version}`,
    );
  const effort = state.isSpent ? count(work, 'step') : count(decisions, 'decision');
  return {
    kind: 'budget',
    summary: `${world.root.name} asks for too much to be searched: no closure was found in ${effort}`,
    lines: [
      `${count(decisions, 'decision was', 'decisions were')} taken, ${count(state.deadEnds, 'dead end')} met`,
      ...(worst.length === 0
        ? []
        : [
            `most dead ends were about ${join(worst.map(({ name, conflicts }) => `${name} (${conflicts})`))}`,
          ]),
      ...(state.isSpent && tried.length > 0 ? [`tried last: ${some(tried)}`] : []),
    ],
    asked: sortedNames(asked),
    suggestions: [`ask for narrower ranges${asked.length === 0 ? '' : `, first of ${join(asked)}`}`],
  };
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
