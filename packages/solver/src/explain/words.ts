import { type CandidateSet, members } from '../search/candidate-set.js';
import type { ComponentPackage } from '../search/component-package.js';
import { compareText, type Parsed } from '../search/order.js';
import type { Request } from '../search/request.js';
import type { Candidate, Condition, Scalar } from '../search/universe.js';
import { compareVersions } from '../search/version.js';

/** How many versions or names are given one by one. */
const mostNamed = 4;
/** How many are given where the reader is to choose among all of them. */
const mostListed = 12;

/** `a, b and c`. */
export function join(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** `a, b, c and 5 more`. */
export function some(names: readonly string[]): string {
  if (names.length <= mostNamed) return join(names);
  return join([...names.slice(0, mostNamed - 1), `${names.length - mostNamed + 1} more`]);
}

/** All of the items, as far as anybody reads them: `a, b, … or 88 more`. */
export function listed(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (items.length <= mostListed) return join(items, word);
  return join([...items.slice(0, mostListed - 1), `${items.length - mostListed + 1} more`], word);
}

/** `ipv6=true and heap=tlsf`. */
export function assignments(facts: Readonly<Record<string, Scalar>>): string {
  return join(
    Object.keys(facts)
      .sort(compareText)
      .map((name) => `${name}=${facts[name]}`),
  );
}

/** `libc ^1.0, ^1.1 or ^1.2`: any of several wishes for one name. */
export function wishes(requests: readonly Request[]): string {
  const texts = [...new Set(requests.map((request) => `${wish(request)}${reason(request)}`))];
  const [first = ''] = texts;
  const name = `${requests[0]?.name} `;
  const short = [
    first,
    ...texts.slice(1).map((text) => (text.startsWith(name) ? text.slice(name.length) : text)),
  ];
  if (short.length <= mostNamed) return join(short, 'or');
  return `${short.slice(0, mostNamed - 1).join(', ')}, … or ${short.at(-1)}`;
}

/** `libc with heap=tlsf`: of a component that nobody need ask for. */
export function proviso(request: Request): string {
  const { version, options = {} } = request.requirement;
  if (version.trim() !== '*' || Object.keys(options).length === 0) return wish(request);
  return `${request.name} with ${assignments(options)}`;
}

/** `libc ^2.0 with heap=tlsf`. */
export function wish({ name, requirement: { version, options } }: Request): string {
  const asked = version.trim() === '' ? '*' : version;
  const what = asked === '*' ? `any ${name}` : `${name} ${asked}`;
  return options === undefined || Object.keys(options).length === 0
    ? what
    : `${what} with ${assignments(options)}`;
}

/** ` (as platform is qemu)`, where the requirement has a condition. */
export function reason({ requirement: { when } }: Request): string {
  if (when === undefined || Object.keys(when).length === 0) return '';
  return ` (as ${condition(when)})`;
}

function condition(when: Condition): string {
  return join(
    Object.keys(when)
      .sort(compareText)
      .map(
        (name) => `${name} is ${join([when[name] as Scalar | readonly Scalar[]].flat().map(String), 'or')}`,
      ),
  );
}

/** `{ platform: [linuxu, xen] }`, as a Bunnyfile has it. */
export function settingsText(when: Condition): string {
  const entries = Object.entries(when).map(([name, value]) =>
    Array.isArray(value) ? `${name}: [${value.join(', ')}]` : `${name}: ${String(value)}`,
  );
  return `{ ${entries.join(', ')} }`;
}

/** Version texts, each once, oldest first, many of them as a range. */
export function versions(candidates: readonly Parsed[]): string {
  const sorted = [...candidates].sort(
    (a, b) => compareVersions(a.version, b.version) || compareText(a.candidate.version, b.candidate.version),
  );
  const texts = [...new Set(sorted.map(({ candidate }) => candidate.version))];
  if (texts.length <= mostNamed) return join(texts);
  return `${texts[0]} to ${texts.at(-1)} (${texts.length} versions)`;
}

/** `net 1.0.0 and 1.1.0 need`, `net 1.0.0 needs`. */
export function clause(subject: string, isMany: boolean, verb: string): string {
  return `${subject} ${isMany ? verb.replace(/s$/, '') : verb}`;
}

/** True for candidates of more than one version. */
export function areMany(candidates: readonly Parsed[]): boolean {
  return candidates.some(({ candidate }) => candidate.version !== candidates[0]?.candidate.version);
}

/**
 * Candidates by version, and by their options where only some variants of a version are meant.
 * `among` are the candidates that the reader has in mind.
 */
export function variants(component: ComponentPackage, set: CandidateSet, among: CandidateSet): string {
  const versionOf = (index: number) => component.candidate(index).version;
  // Of these there are variants that are not meant.
  const divided = new Set([...members(among & ~set)].map(versionOf));
  const whole: Parsed[] = [];
  const partly: string[] = [];
  for (const index of members(set)) {
    const parsed = component.candidates[index] as Parsed;
    if (divided.has(versionOf(index))) partly.push(variant(parsed.candidate));
    else whole.push(parsed);
  }
  const named = whole.length === 0 ? [] : [versions(whole)];
  if (partly.length > mostNamed) return join([...named, `${partly.length} of its variants`]);
  return join([...named, ...new Set(partly)]);
}

/** One candidate, so that it can be told from others of its version. */
export function variant(candidate: Candidate): string {
  const { version, options, id } = candidate;
  if (options === undefined || Object.keys(options).length === 0) return `${version} (${id})`;
  return `${version} with ${assignments(options)}`;
}
