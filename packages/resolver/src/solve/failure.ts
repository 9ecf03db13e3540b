import type { Namespace } from 'bunny-libos-namespace';
import type { Failure, Root } from 'bunny-libos-solver';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  own,
  type ToolingRules,
} from 'bunny-libos-spec';
import { requireOptionsExist } from './declared-options.js';

export interface FailedRequest {
  bunnyfile: Document<Bunnyfile>;
  root: Root;
  rules: ToolingRules;
  namespace: Namespace;
  offline?: boolean | undefined;
}

/** BUNNY_ENOSOLUTION of a Bunnyfile. */
export class NoSolution extends BunnyError {
  /** What the Bunnyfile asks for that is the name of no component and of no capability. */
  readonly unknown: readonly string[];

  constructor({ code, message, where, hint, details, exitStatus }: BunnyError, unknown: readonly string[]) {
    super(code, message, { where, hint, details: [...details], exitStatus });
    this.unknown = unknown;
  }
}

/**
 * The error for a solver's failure. What is plainly wrong with the Bunnyfile itself is said as such, at
 * its place, rather than as a conflict: options that nobody ever built.
 */
export async function unsatisfiable(failure: Failure, request: FailedRequest): Promise<BunnyError> {
  const { bunnyfile: document, namespace, root } = request;
  const asked = new Map(Object.entries(document.value.options));
  for (const [name, { options }] of Object.entries(root.requirements)) {
    if (options !== undefined) asked.set(name, { ...asked.get(name), ...options });
  }
  for (const [name, options] of asked) {
    const variants = await namespace.variants(name);
    if (variants === undefined) continue;
    requireOptionsExist(document, name, options, variants);
  }
  const suggestions = request.offline
    ? [...failure.suggestions, 'run without --offline: only what was seen before is known now']
    : failure.suggestions;
  const error = noSolution({ ...failure, suggestions }, placeOf(failure, document));
  const unknown = await unknownNames(request);
  const isLacking = document.value.isOneOfSeveral === true && unknown.length > 0;
  return new NoSolution(isLacking ? lacks(unknown, failure, document) : error, unknown);
}

async function unknownNames({ root, rules, namespace }: FailedRequest): Promise<string[]> {
  const names = Object.keys(root.requirements).filter((name) => own(rules.capabilities, name) === undefined);
  // What cannot be looked up is not known to be missing.
  const found = await Promise.all(names.map((name) => namespace.component(name).catch(() => true)));
  return names.filter((_, index) => found[index] === undefined);
}

/** Another framework may have what this one has nothing of. */
function lacks(
  names: readonly string[],
  { lines }: Failure,
  { value: { framework }, keyAt }: Document<Bunnyfile>,
): BunnyError {
  const all = names.join(', ');
  return new BunnyError('BUNNY_ENOSOLUTION', `${framework} lacks what the app asks for: ${all}`, {
    where: keyAt(['dependencies', names[0] ?? '']),
    details: numbered(lines),
    hint: `publish ${all} for ${framework}, or ask for it in \`frameworks.NAME.dependencies\` of those that have it`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The one dependency of the Bunnyfile that it is about, else all of them. */
function placeOf({ asked }: Failure, { value, at, keyAt }: Document<Bunnyfile>): BunnyError['where'] {
  const [name, other] = asked.filter((each) => Object.hasOwn(value.dependencies, each));
  if (name === undefined || other !== undefined) return at(['dependencies']);
  return keyAt(['dependencies', name]);
}

/** The error for a solver's failure, as the solver explains it. */
export function noSolution(
  failure: Pick<Failure, 'summary' | 'lines' | 'suggestions'>,
  where: BunnyError['where'],
): BunnyError {
  return new BunnyError('BUNNY_ENOSOLUTION', failure.summary, {
    where,
    details: numbered(failure.lines),
    hint: failure.suggestions.join('\n') || 'relax one of these requirements, or publish what is missing',
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The lines of an explanation by their numbers: they refer to one another by these. */
export function numbered(lines: readonly string[]): string[] {
  return lines.map((line, index) => `${index + 1}. ${line}`);
}
