import { memoryUniverse } from '../src/search/memory.js';
import type {
  Candidate,
  Capability,
  Requirement,
  Root,
  Scalar,
  SolveOptions,
  Universe,
} from '../src/search/universe.js';

/** A universe and a Bunnyfile, written to be read. */
export interface Scenario {
  title: string;
  universe: Universe;
  root: Root;
  options: SolveOptions;
}

/**
 * Reads a scenario:
 *
 *     # Title
 *     universe:
 *       net 1.2.0 ipv6=true; needs libc ^2.0 with heap=tlsf when platform=qemu, virtio *; provides sockets 1.0.0;
 *         conflicts gui <2; for platform=linuxu; yanked
 *     defaults:
 *       libc musl
 *     bunnyfile:
 *       net ^1.0 with ipv6=true
 *       choose musl for libc
 *       wherever alloc * with heap=tlsf
 *     base:
 *       main ^1.0
 *     settings:
 *       platform=qemu
 *     elsewhere:
 *       platform=linuxu
 *     lock:
 *       net 1.2.0
 *     budget:
 *       100
 */
export function readScenario(text: string): Scenario {
  const sections = new Map<string, string[]>();
  let section: string[] = [];
  let title = '';
  for (const line of text.replaceAll(/;\n\s+/g, '; ').split('\n')) {
    if (line.startsWith('# ')) title = line.slice(2);
    else if (/^\w+:$/.test(line)) {
      section = [];
      sections.set(line.slice(0, -1), section);
    } else if (line.trim() !== '') section.push(line.trim());
  }
  const lines = (name: string) => sections.get(name) ?? [];
  const candidates = lines('universe').map(readCandidate);
  const defaults = Object.fromEntries(
    lines('defaults').map((line): [string, Partial<Capability>] => {
      const [name = '', provider = ''] = line.split(' ');
      return [name, provider === 'nobody' ? { providers: [] } : { default: provider }];
    }),
  );
  const choices = lines('bunnyfile').flatMap((line) => {
    const [, provider, capability] = /^choose (\S+) for (\S+)$/.exec(line) ?? [];
    return provider === undefined || capability === undefined ? [] : [[capability, provider]];
  });
  const provisos = lines('bunnyfile').flatMap((line) => /^wherever (.*)$/.exec(line)?.[1] ?? []);
  const locked = lines('lock').map((line) => line.split(' '));
  return {
    title,
    universe: memoryUniverse(candidates, defaults),
    root: {
      name: 'app',
      requirements: readRequirements(lines('bunnyfile').filter((line) => !/^(choose|wherever) /.test(line))),
      constraints: readRequirements(provisos),
      base: readRequirements(lines('base')),
      settings: readFacts(lines('settings').join(' ')),
      providers: Object.fromEntries(choices),
      ...(lines('elsewhere').length > 0 ? { elsewhere: lines('elsewhere').map(readFacts) } : {}),
    },
    options: {
      preferred: new Map(locked.map(([name = '', version]) => [name, `${name} ${version}`])),
      ...(lines('budget').length > 0 ? { budget: Number(lines('budget')[0]) } : {}),
    },
  };
}

function readCandidate(line: string): Candidate {
  const [head = '', ...clauses] = line.split(/;\s*/);
  const [name = '', version = '', ...facts] = head.split(' ');
  const options = readFacts(facts.join(' '));
  const clause = (word: string) =>
    clauses.find((each) => each === word || each.startsWith(`${word} `))?.slice(word.length + 1);
  const pairs = (text: string | undefined) =>
    Object.fromEntries((text ?? '').split(/,\s*/).filter(Boolean).map(splitName));
  return {
    name,
    version,
    id: head.replace(/ $/, ''),
    settings: readFacts(clause('for') ?? ''),
    options,
    dependencies: readRequirements((clause('needs') ?? '').split(/,\s*/).filter(Boolean)),
    provides: pairs(clause('provides')),
    conflicts: pairs(clause('conflicts')),
    deviations: Object.values(options).filter((value) => value === true).length,
    yanked: clauses.includes('yanked'),
  };
}

function readRequirements(lines: readonly string[]): Record<string, Requirement> {
  return Object.fromEntries(
    lines.map((line): [string, Requirement] => {
      const [, name = '', version = '', options, when] =
        /^(\S+) ?(.*?)(?: with (.*?))?(?: when (.*))?$/.exec(line) ?? [];
      return [
        name,
        {
          version,
          ...(options === undefined ? {} : { options: readFacts(options) }),
          ...(when === undefined ? {} : { when: readFacts(when) }),
        },
      ];
    }),
  );
}

function splitName(text: string): [string, string] {
  const at = text.indexOf(' ');
  return [text.slice(0, at), text.slice(at + 1)];
}

function readFacts(text: string): Record<string, Scalar> {
  return Object.fromEntries(
    text
      .split(' ')
      .filter(Boolean)
      .map((fact): [string, Scalar] => {
        const [name = '', value = ''] = fact.split('=');
        return [name, value === 'true' ? true : value === 'false' ? false : value];
      }),
  );
}
