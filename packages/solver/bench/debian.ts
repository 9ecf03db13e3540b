import { execFileSync } from 'node:child_process';
import { type Candidate, type MemoryUniverse, memoryUniverse } from '../src/index.js';
import { compareDebianVersions } from './debian-version.js';

/** `libc6 (>= 2.34)` */
interface Relation {
  name: string;
  operator: string | undefined;
  version: string;
}

interface Stanza {
  name: string;
  version: string;
  /** All of these, each met by any of its relations. */
  depends: Relation[][];
  conflicts: Relation[];
  provides: Relation[];
}

export interface Debian {
  universe: MemoryUniverse;
  names: string[];
  candidates: number;
  capabilities: number;
}

/**
 * The package graph that this machine's apt knows. Undefined where there is no apt.
 *
 * Versions are not semver: all versions of a package that are mentioned anywhere are put in Debian's
 * order, and the n-th one becomes n.0.0. Alternatives (`a | b`, or a virtual package of several
 * providers) become a capability, of which each alternative is a provider that needs the real
 * package; the first is the default. Recommendations are left out.
 */
export function readDebian(): Debian | undefined {
  let text: string;
  try {
    text = execFileSync('apt-cache', ['dumpavail'], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: 'pipe' });
  } catch {
    return undefined;
  }
  const stanzas = text.split('\n\n').flatMap(readStanza);
  return stanzas.length === 0 ? undefined : new Translation(stanzas).debian();
}

function readStanza(text: string): Stanza[] {
  const fields = new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line] as const));
  const field = (name: string) => fields.get(name)?.slice(name.length + 2) ?? '';
  const name = field('Package');
  const list = (value: string) => value.split(/,\s*/).filter(Boolean);
  if (name === '') return [];
  return [
    {
      name,
      version: field('Version'),
      depends: [...list(field('Pre-Depends')), ...list(field('Depends'))].map((each) =>
        each.split(/\s*\|\s*/).map(readRelation),
      ),
      conflicts: [...list(field('Conflicts')), ...list(field('Breaks'))].map(readRelation),
      provides: list(field('Provides')).map(readRelation),
    },
  ];
}

function readRelation(text: string): Relation {
  const [, name = '', operator, version = ''] =
    /^([^\s:(]+)(?::\w+)?\s*(?:\(([<>=]+)\s*([^)]+)\))?/.exec(text) ?? [];
  return { name, operator, version };
}

const operators: Readonly<Record<string, string>> = {
  '<<': '<',
  '<=': '<=',
  '=': '=',
  '>=': '>=',
  '>>': '>',
};

class Translation {
  readonly #stanzas: readonly Stanza[];
  readonly #real = new Set<string>();
  /** Virtual package -> who provides it, and as which version if any. */
  readonly #providers = new Map<string, Map<string, string>>();
  readonly #ranks = new Map<string, Map<string, number>>();
  readonly #candidates: Candidate[] = [];
  readonly #defaults: Record<string, { providers: string[]; default: string }> = {};

  constructor(stanzas: readonly Stanza[]) {
    this.#stanzas = stanzas;
    const mentioned = new Map<string, Set<string>>();
    const mention = (name: string, version: string) => {
      const versions = mentioned.get(name) ?? new Set();
      mentioned.set(name, versions.add(version));
    };
    for (const { name, version, depends, conflicts, provides } of stanzas) {
      this.#real.add(name);
      mention(name, version);
      for (const relation of [...depends.flat(), ...conflicts]) {
        if (relation.operator !== undefined) mention(relation.name, relation.version);
      }
      for (const virtual of provides) {
        const known = this.#providers.get(virtual.name) ?? new Map<string, string>();
        this.#providers.set(virtual.name, known.set(name, virtual.version));
      }
    }
    for (const [name, versions] of mentioned) {
      const sorted = [...versions].sort(compareDebianVersions);
      this.#ranks.set(name, new Map(sorted.map((version, i) => [version, i + 1])));
    }
  }

  debian(): Debian {
    for (const stanza of this.#stanzas) this.#translate(stanza);
    return {
      universe: memoryUniverse(this.#candidates, this.#defaults),
      names: [...this.#real],
      candidates: this.#candidates.length,
      capabilities: Object.keys(this.#defaults).length,
    };
  }

  #translate({ name, version, depends, conflicts }: Stanza): void {
    const needs = new Map<string, string[]>();
    for (const alternatives of depends) {
      const options = new Map(alternatives.flatMap((each) => this.#options(each)));
      if (options.has(name)) continue;
      const [only, ...others] = [...options];
      if (only === undefined) needs.set(alternatives[0]?.name ?? '', ['*']);
      else if (others.length === 0) needs.set(only[0], [...(needs.get(only[0]) ?? []), only[1]]);
      else needs.set(this.#capability([...options]), ['*']);
    }
    const refuses = new Map<string, string[]>();
    for (const relation of conflicts) {
      for (const [other, range] of this.#options(relation)) {
        if (other !== name) refuses.set(other, [...(refuses.get(other) ?? []), range]);
      }
    }
    this.#candidates.push({
      name,
      version: `${this.#ranks.get(name)?.get(version) ?? 0}.0.0`,
      id: version,
      dependencies: Object.fromEntries(
        [...needs].map(([each, ranges]) => [each, { version: ranges.join(' ') }]),
      ),
      conflicts: Object.fromEntries([...refuses].map(([each, ranges]) => [each, ranges.join(' || ')])),
    });
  }

  /** The real packages that meet a relation, with a range: the one it names, then those that provide it. */
  #options({ name, operator, version }: Relation): [string, string][] {
    const range =
      operator === undefined ? '*' : `${operators[operator]}${this.#ranks.get(name)?.get(version)}.0.0`;
    const named: [string, string][] = this.#real.has(name) ? [[name, range]] : [];
    const providers = [...(this.#providers.get(name) ?? [])]
      .filter(
        ([, provided]) => operator === undefined || (provided !== '' && meets(provided, operator, version)),
      )
      .map(([provider]) => provider);
    return [
      ...named,
      ...providers.filter((each) => each !== name).map((each): [string, string] => [each, '*']),
    ];
  }

  #capability(options: [string, string][]): string {
    const name = options.map((option) => option.join(' ')).join(' | ');
    if (!Object.hasOwn(this.#defaults, name)) {
      const providers = options.map(([real, range], i) => {
        const provider = `${name} #${i}`;
        const dependencies = { [real]: { version: range } };
        this.#candidates.push({
          name: provider,
          version: '1.0.0',
          id: provider,
          dependencies,
          provides: { [name]: '1.0.0' },
        });
        return provider;
      });
      this.#defaults[name] = { providers, default: providers[0] ?? '' };
    }
    return name;
  }
}

function meets(provided: string, operator: string, version: string): boolean {
  const order = compareDebianVersions(provided, version);
  if (order === 0) return operator !== '<<' && operator !== '>>';
  return operator.startsWith(order < 0 ? '<' : '>');
}
