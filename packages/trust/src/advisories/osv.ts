import semver from 'semver';

/** What of an advisory matters here (OSV schema 1.7: ossf.github.io/osv-schema). */
export interface Advisory {
  id: string;
  aliases: readonly string[];
  summary: string;
  /** `CVSS_V3 CVSS:3.1/…` */
  severity: readonly string[];
  affected: readonly Affected[];
  isWithdrawn: boolean;
}

interface Affected {
  ecosystem: string | undefined;
  name: string | undefined;
  purl: string | undefined;
  versions: readonly string[];
  ranges: readonly Range[];
}

interface Range {
  type: string;
  /** Of a range of commits. */
  repo: string | undefined;
  events: readonly Event[];
}

type Event = Readonly<Partial<Record<'introduced' | 'fixed' | 'last_affected' | 'limit', string>>>;

/** Something that advisories may be about. */
export interface Audited {
  version: string;
  /** `warren/libc`, and with its registry: `localhost:5000/libos/warren/libc`. None for sources of others. */
  names: readonly string[];
  /** Package URL, with or without a version. */
  purl?: string | undefined;
  /** Where its sources are from. */
  url?: string | undefined;
}

/** The ecosystem of components. Those of OSV are a list, on which it is not: databases of one's own have it. */
export const ecosystem = 'Bunny';

/** Reads an advisory. Undefined where it is none. Pure. */
export function readAdvisory(value: unknown): Advisory | undefined {
  const { id, aliases, summary, details, severity, affected, withdrawn } = record(value);
  if (typeof id !== 'string' || id === '' || !Array.isArray(affected)) return undefined;
  const text = typeof summary === 'string' && summary !== '' ? summary : details;
  return {
    id,
    isWithdrawn: typeof withdrawn === 'string',
    aliases: texts(aliases),
    summary: typeof text === 'string' ? (text.split('\n')[0] ?? '') : '',
    severity: list(severity).flatMap((each) => {
      const { type, score } = record(each);
      return typeof type === 'string' && typeof score === 'string' ? [`${type} ${score}`] : [];
    }),
    affected: affected.map((each) => {
      const { package: named, versions, ranges } = record(each);
      const { ecosystem: from, name, purl } = record(named);
      return {
        ecosystem: word(from),
        name: word(name),
        purl: word(purl),
        versions: texts(versions),
        ranges: list(ranges).map(range),
      };
    }),
  };
}

function range(value: unknown): Range {
  const { type, repo, events } = record(value);
  return {
    type: word(type) ?? '',
    repo: word(repo),
    events: list(events).map((each) =>
      Object.fromEntries(Object.entries(record(each)).filter(([, to]) => typeof to === 'string')),
    ),
  };
}

/** What an advisory says of something. Undefined where it is not about it. Pure. */
export function affects(advisory: Advisory, audited: Audited): { fixed: string | undefined } | undefined {
  for (const affected of advisory.affected) {
    if (!isAbout(affected, audited)) continue;
    const hit = isAffected(affected, audited.version);
    if (hit) return { fixed: fixedIn(affected, audited.version) };
  }
  return undefined;
}

function isAbout({ ecosystem: from, name, purl, ranges }: Affected, audited: Audited): boolean {
  if (from === ecosystem && name !== undefined && audited.names.includes(name)) return true;
  if (purl !== undefined && audited.purl !== undefined && barePurl(purl) === barePurl(audited.purl))
    return true;
  const { url } = audited;
  return (
    url !== undefined &&
    ranges.some(({ type, repo }) => type === 'GIT' && repo !== undefined && sameRepository(repo, url))
  );
}

/** `pkg:deb/debian/zlib@1.2?arch=source` without version, qualifiers and subpath. */
function barePurl(purl: string): string {
  const [path = ''] = purl.split(/[?#]/);
  const at = path.lastIndexOf('@');
  return decode(at > path.lastIndexOf('/') ? path.slice(0, at) : path).toLowerCase();
}

function sameRepository(left: string, right: string): boolean {
  const bare = (text: string) =>
    text
      .toLowerCase()
      .replace(/^git\+/, '')
      .replace(/^[a-z]+:\/\//, '')
      .replace(/[#?].*$/, '')
      .replace(/@[^@/]*$/, '')
      .replace(/\/$/, '')
      .replace(/\.git$/, '');
  return bare(left) === bare(right);
}

/** A list of versions counts as it is written, but for a `v` before them, as tags have it. */
function isAffected({ versions, ranges }: Affected, version: string): boolean {
  const names = new Set([version, `v${version}`]);
  if (versions.some((each) => names.has(each))) return true;
  return ranges.some(({ type, events }) => type !== 'GIT' && isWithin(events, version));
}

/** OSV schema, "Evaluation": an introduction at or before it, and no fix or last one between. */
function isWithin(events: readonly Event[], version: string): boolean {
  const limits = events.flatMap(({ limit }) => limit ?? []);
  const isBelow = limits.length === 0 || limits.some((limit) => limit === '*' || compare(version, limit) < 0);
  if (!isBelow) return false;
  let affected = false;
  for (const { introduced, fixed, last_affected: last } of [...events].sort(byVersion)) {
    if (introduced !== undefined && (introduced === '0' || compare(version, introduced) >= 0))
      affected = true;
    if (fixed !== undefined && compare(version, fixed) >= 0) affected = false;
    if (last !== undefined && compare(version, last) > 0) affected = false;
  }
  return affected;
}

function byVersion(left: Event, right: Event): number {
  const of = ({ introduced, fixed, last_affected: last }: Event) => introduced ?? fixed ?? last ?? '0';
  const [a, b] = [of(left), of(right)];
  if (a === b) return Number(left.introduced !== undefined) - Number(right.introduced !== undefined);
  if (a === '0') return -1;
  return b === '0' ? 1 : compare(a, b);
}

/** The lowest fix that is above a version. */
function fixedIn({ ranges }: Affected, version: string): string | undefined {
  const fixes = ranges
    .filter(({ type }) => type !== 'GIT')
    .flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []))
    .filter((fixed) => compare(fixed, version) > 0);
  return fixes.sort(compare)[0];
}

/** By SemVer where both are versions of it; else part by part, numbers as numbers, as most sources number theirs. */
function compare(left: string, right: string): number {
  const [a, b] = [left.replace(/^v/, ''), right.replace(/^v/, '')];
  if (semver.valid(a) !== null && semver.valid(b) !== null) return semver.compare(a, b);
  const [before, after] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(before.length, after.length); at++) {
    const [x = '', y = ''] = [before[at], after[at]];
    if (x === y) continue;
    const [m, n] = [Number(x), Number(y)];
    const numbers = /^\d*$/.test(x) && /^\d*$/.test(y);
    if (numbers && m !== n) return m - n;
    if (!numbers) return x < y ? -1 : 1;
  }
  return 0;
}

function partsOf(version: string): string[] {
  return version.match(/\d+|[a-z]+/gi) ?? [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return list(value).filter((each) => typeof each === 'string');
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
