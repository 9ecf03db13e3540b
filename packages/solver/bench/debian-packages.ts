import { execFileSync } from 'node:child_process';
import { compareDebianVersions } from './debian-version.js';

/** `libc6 (>= 2.34)`, `python3:any`. */
export interface Relation {
  name: string;
  /** The architecture, or `any`, where one is named. */
  qualifier: string | undefined;
  operator: string | undefined;
  version: string;
}

/** A binary package of Debian. */
export interface DebianPackage {
  name: string;
  version: string;
  /** Dependencies on it may ask for any architecture: it says that it can be called across. */
  isForAny: boolean;
  /** All of these, each met by any of its relations. */
  depends: Relation[][];
  conflicts: Relation[];
  provides: Relation[];
}

/** The list of packages that this machine's apt knows, as text. Undefined where there is no apt. */
export function packagesText(): string | undefined {
  try {
    const text = execFileSync('apt-cache', ['dumpavail'], {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: 'pipe',
    });
    return text.trim() === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

export function readPackages(text: string): DebianPackage[] {
  return text.split('\n\n').flatMap(readStanza);
}

/** As dpkg calls the architecture of this machine: `amd64`. */
export function nativeArchitecture(): string {
  return execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
}

function readStanza(text: string): DebianPackage[] {
  const fields = new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line] as const));
  const field = (name: string) => fields.get(name)?.slice(name.length + 2) ?? '';
  const name = field('Package');
  const list = (value: string) => value.split(/,\s*/).filter(Boolean);
  if (name === '') return [];
  return [
    {
      name,
      version: field('Version'),
      isForAny: field('Multi-Arch') === 'allowed',
      depends: [...list(field('Pre-Depends')), ...list(field('Depends'))].map((each) =>
        each.split(/\s*\|\s*/).map(readRelation),
      ),
      conflicts: [...list(field('Conflicts')), ...list(field('Breaks'))].map(readRelation),
      provides: list(field('Provides')).map(readRelation),
    },
  ];
}

function readRelation(text: string): Relation {
  const [, name = '', qualifier, operator, version = ''] =
    /^([^\s:(]+)(?::([\w-]+))?\s*(?:\(\s*([<>=]+)\s*([^)\s]+)\s*\))?/.exec(text) ?? [];
  return { name, qualifier, operator, version };
}

/** Finds the packages that meet a relation, among those of one architecture. */
export class DebianPackages {
  readonly #native: string;
  readonly #named = new Map<string, DebianPackage[]>();
  /** Virtual package -> who provides it, and as which version if any. */
  readonly #providers = new Map<string, { provider: DebianPackage; version: string }[]>();

  constructor(packages: readonly DebianPackage[], native: string) {
    this.#native = native;
    for (const each of packages) {
      append(this.#named, each.name, each);
      for (const { name, version } of each.provides)
        append(this.#providers, name, { provider: each, version });
    }
  }

  /** All versions of a package, oldest first. */
  versions(name: string): readonly DebianPackage[] {
    const known = this.#named.get(name) ?? [];
    return [...known].sort((a, b) => compareDebianVersions(a.version, b.version));
  }

  /** Those of the name that the relation asks for, then those that provide it. */
  meeting({ name, qualifier, operator, version }: Relation): DebianPackage[] {
    if (qualifier !== undefined && qualifier !== 'any' && qualifier !== this.#native) return [];
    const fits = (each: DebianPackage, offered: string) =>
      (qualifier !== 'any' || each.isForAny) &&
      (operator === undefined || (offered !== '' && meets(offered, operator, version)));
    const named = (this.#named.get(name) ?? []).filter((each) => fits(each, each.version));
    const providers = (this.#providers.get(name) ?? []).filter((each) => fits(each.provider, each.version));
    return [...new Set([...named, ...providers.map(({ provider }) => provider)])];
  }
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

function meets(offered: string, operator: string, version: string): boolean {
  const order = compareDebianVersions(offered, version);
  if (order === 0) return operator !== '<<' && operator !== '>>';
  return operator.startsWith(order < 0 ? '<' : '>');
}
