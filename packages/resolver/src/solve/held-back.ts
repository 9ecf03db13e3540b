import { compatibleLine } from 'bunny-libos-namespace';
import { type Candidate, objections, type Root, type Universe } from 'bunny-libos-solver';
import { own } from 'bunny-libos-spec';
import semver from 'semver';
import { hasOptions } from './eligible.js';
import type { LazyUniverse } from './lazy-universe.js';

/** So many are explained for one target: nobody reads more. */
const mostExplained = 20;

/** A component that is not as new as the Bunnyfile lets it be, because of others. */
export interface HeldBack {
  name: string;
  version: string;
  /** The newest version in the Bunnyfile's range that could be used were it alone. */
  newest: string;
  /** Who needs what, one sentence each. Empty where that is not known without asking a registry for more. */
  because: readonly string[];
  /** Versions that `^` does not take for compatible lie between. */
  far: boolean;
  /** `arch/platform` of the targets that it is the same for. */
  targets: readonly string[];
}

/** A closure, and what is known of what else there is. */
export interface Solved {
  root: Root;
  universe: LazyUniverse;
  /** Component -> the id and version of the candidate that it is. */
  chosen: ReadonlyMap<string, { id: string; version: string }>;
  /** The names in the Bunnyfile's dependencies that hold for it. */
  direct: readonly string[];
}

/** Whether a component may be this candidate, when it is asked whether another could be newer. */
export type Allows = (candidate: Candidate) => boolean;

/** These components are what they are, others may be anything. */
export function asChosen({ chosen }: Solved, names: Iterable<string>): Allows {
  const ids = new Map([...names].map((name) => [name, chosen.get(name)?.id]));
  return ({ name, id }) => (ids.get(name) ?? id) === id;
}

/**
 * Those of the components that are older than the Bunnyfile lets them be, with who needs what that keeps them so. Asks no
 * registry: of what is not known already nothing is told.
 */
export async function heldBack(
  solved: Solved,
  names: readonly string[],
  allowsFor: (name: string) => Allows,
  target: string,
): Promise<HeldBack[]> {
  const found: HeldBack[] = [];
  for (const name of names) {
    const version = solved.chosen.get(name)?.version;
    const newest = version === undefined ? undefined : await newestLeft(solved, name);
    if (version === undefined || newest === undefined || semver.lte(newest, version)) continue;
    const because =
      found.length < mostExplained ? await objectionsTo(solved, name, newest, allowsFor(name)) : [];
    const far = compatibleLine(version) !== compatibleLine(newest);
    found.push({ name, version, newest, because, far, targets: [target] });
  }
  return found;
}

/** The newest version of a component that the root's own wishes leave, as far as is known. */
async function newestLeft({ root, universe }: Solved, name: string): Promise<string | undefined> {
  if (!universe.isOpen(name)) return undefined;
  const asked = [root.requirements, root.base, root.constraints].flatMap(
    (each) => own(each ?? {}, name) ?? [],
  );
  const isLeft = ({ version, yanked, unread, options = {}, settings = {} }: Candidate) =>
    version !== '' &&
    yanked !== true &&
    Object.entries(settings).every(([setting, value]) => own(root.settings, setting) === value) &&
    (asked.length === 0
      ? semver.prerelease(version) === null
      : asked.every(
          (each) =>
            semver.satisfies(version, each.version) && (unread === true || hasOptions(options, each.options)),
        ));
  const known = (await universe.known(name)).filter(isLeft).map(({ version }) => version);
  return known.sort(semver.rcompare)[0];
}

/**
 * Who needs what that keeps a component from being this version, as one sentence each: first where the others may be
 * what `allows` says, else where they are just what they are. Empty where that is not known. Asks no registry.
 */
export async function objectionsTo(
  solved: Solved,
  name: string,
  version: string,
  allows: Allows,
): Promise<string[]> {
  const { root, universe, chosen } = solved;
  const asked = own(root.requirements, name) ?? own(root.base ?? {}, name);
  if (asked !== undefined && !semver.satisfies(version, asked.version)) {
    const who = Object.hasOwn(root.requirements, name) ? 'Bunnyfile asks for' : 'the tooling layer needs';
    return [`${who} ${name} ${asked.version}`];
  }
  const question: Root =
    asked === undefined
      ? { ...root, requirements: { ...root.requirements, [name]: { version: '*' } } }
      : root;
  const preferred = new Map([...chosen].map(([each, { id }]) => [each, id]));
  for (const each of [allows, asChosen(solved, chosen.keys())]) {
    const found = await objections(question, knownPart(universe, { name, version }, each), { preferred });
    if (found === undefined) continue;
    return found.flatMap(({ text, lacks }) => {
      const itsVersion = lacks === undefined ? undefined : chosen.get(lacks)?.version;
      return itsVersion === undefined || lacks === name ? [text] : [text, `${lacks} is ${itsVersion}`];
    });
  }
  return [];
}

/** What is known of a universe without asking, with just one version of one component, and of the others what is allowed. */
function knownPart(
  universe: LazyUniverse,
  only: { name: string; version: string },
  allows: Allows,
): Universe {
  return {
    candidates: async (name) => {
      const known = await universe.known(name);
      if (name !== only.name) return known.filter((each) => allows(each));
      const asked = known.filter(({ version }) => version === only.version);
      const read = asked.filter(({ unread }) => unread !== true);
      // Who cannot have that version cannot have it whatever it needs itself.
      return read.length > 0 ? read : asked.map(({ unread: _, ...each }) => each);
    },
    capability: (name) => universe.capability(name),
  };
}
