import minVersion from 'semver/ranges/min-version.js';
import { has } from '../search/candidate-set.js';
import type { ComponentPackage } from '../search/component-package.js';
import type { UnusableCandidate } from '../search/listing.js';
import { compareText, type Parsed } from '../search/order.js';
import { own, type Request } from '../search/request.js';
import type { Scalar } from '../search/universe.js';
import { compareVersions, inRange, parseRange, parseVersion } from '../search/version.js';
import { grouped } from './grouped.js';
import { nearest } from './nearest.js';
import { type Want, wantedBy } from './wanted.js';
import { areMany, assignments, clause, join, listed, some, variant, versions } from './words.js';

/** Of more lines than this it is not told which candidate meets which. */
const mostCompared = 4;
/** Sentences on what exists for which other targets. */
const mostBars = 8;

/** One sentence: why no candidate of the component is all that is wanted, and what exists instead. */
export function shortfall(
  component: ComponentPackage,
  wants: readonly Want[],
  names: Iterable<string>,
): string {
  const { name, listing } = component;
  const [want] = wants;
  if (!listing) {
    // Who looks for a provider has not misspelt what it is to provide.
    const meant = nearest(name, names).filter((other) => other !== want?.capability);
    const hint = meant.length === 0 ? '' : `; did you mean ${join(meant, 'or')}?`;
    return `there is no component or capability called ${name}${hint}`;
  }
  if (want !== undefined && wants.length === 1) return missing(component, want);
  const sorted = [...wants].sort((a, b) => a.line - b.line);
  const [conflict, other] = sorted.toSorted((a, b) => a.requests.length - b.requests.length);
  if (conflict?.requests.length === 0 && other !== undefined && sorted.length === 2) {
    return `line ${conflict.line} leaves no ${name} for line ${other.line}`;
  }
  const wanted = wants.reduce(wantedBy, listing.unusable);
  const all = sorted.length === 2 ? 'both lines' : 'all of lines';
  const few = sorted.length <= mostCompared ? `: ${split(component, sorted)}` : '';
  return [`no ${name} meets ${all} ${lines(sorted)}${few}`, ...bars(wanted, name)].join('; ');
}

/** Why not even a single want can be met. */
function missing(component: ComponentPackage, want: Want): string {
  const { name, candidates, listing } = component;
  const [request] = want.requests as readonly [Request];
  const { version: range, options } = request.requirement;
  if (parseRange(range) === undefined) return `"${range}" is not a version range`;
  if (want.capability !== undefined) return poorProvider(component, want);
  const unusable = listing?.unusable ?? [];
  const barred = bars(wantedBy(unusable, want), name);
  if (barred.length > 0) return barred.join('; ');
  const fitting = candidates.filter(({ candidate }) => isInRange(candidate.version, range));
  if (fitting.length > 0) return `${otherOptions(name, fitting, options ?? {})}`;
  const known = [...candidates, ...unusable.flatMap(parsed)];
  if (known.length === 0) return `${name} has no versions`;
  const early = releasedIn(candidates, range);
  if (early.length > 0) return tooEarly(name, early);
  const barredToo = unusable.filter((each) => releasedIn(parsed(each), range).length > 0);
  if (barredToo.length > 0)
    return [tooEarly(name, barredToo.flatMap(parsed)), ...bars(barredToo, name)].join('; ');
  return `no ${name} is in ${range}: ${near(known, range)}`;
}

/** Those of the pre-releases that would be in the range if they were released. */
export function releasedIn(known: readonly Parsed[], range: string): Parsed[] {
  const asked = parseRange(range) ?? [];
  return known.filter(
    ({ version }) => version.prerelease.length > 0 && inRange({ ...version, prerelease: [] }, asked),
  );
}

function tooEarly(name: string, early: readonly Parsed[]): string {
  const newest = [...early].sort((a, b) => compareVersions(a.version, b.version)).at(-1);
  const are = areMany(early) ? 'are pre-releases' : 'is a pre-release';
  return `${name} ${versions(early)} ${are}, which only a range like ^${newest?.candidate.version} asks for`;
}

function poorProvider({ name, candidates, listing }: ComponentPackage, want: Want): string {
  const capability = want.capability as string;
  const provided = new Set(candidates.flatMap(({ candidate }) => own(candidate.provides, capability) ?? []));
  if (candidates.length === 0)
    return [`no ${name} can be used`, ...bars(listing?.unusable ?? [], name)].join(': ');
  if (provided.size === 0) return `${name} does not provide ${capability}`;
  const [request] = want.requests as readonly [Request];
  const fitting = candidates.filter(({ candidate }) =>
    isInRange(own(candidate.provides, capability) ?? '', request.requirement.version),
  );
  if (fitting.length > 0) return otherOptions(name, fitting, request.requirement.options ?? {});
  const are = provided.size === 1 ? 'is' : 'are';
  return `${name} provides ${capability} ${join([...provided].sort(compareText))}, which ${are} not in ${request.requirement.version}`;
}

/** The two versions around what was asked for, or all of a few. */
function near(known: readonly Parsed[], range: string): string {
  const start = parseVersion(minVersion(range)?.version ?? '');
  const sorted = [...known].sort((a, b) => compareVersions(a.version, b.version));
  const texts = [...new Set(sorted.map(({ candidate }) => candidate.version))];
  if (texts.length <= 4 || start === undefined)
    return `there ${texts.length === 1 ? 'is' : 'are'} ${versions(known)}`;
  const below = sorted.findLast(({ version }) => compareVersions(version, start) < 0);
  const above = sorted.find(({ version }) => compareVersions(version, start) > 0);
  const around = [below, above].flatMap((each) => each?.candidate.version ?? []);
  return `of ${versions(known)}, nearest ${around.length === 1 ? 'is' : 'are'} ${join(around)}`;
}

function otherOptions(
  name: string,
  fitting: readonly Parsed[],
  options: Readonly<Record<string, Scalar>>,
): string {
  const sentences = Object.keys(options)
    .sort(compareText)
    .flatMap((option) => {
      const found = new Set(fitting.flatMap(({ candidate }) => own(candidate.options, option) ?? []));
      if (found.has(options[option] as Scalar)) return [];
      if (found.size === 0) return [noSuchOption(name, fitting, option)];
      const values = [...found].map(String).sort(compareText);
      return [
        `${clause(`${name} ${versions(fitting)}`, areMany(fitting), 'exists')} only with ${option}=${join(values, 'or')}`,
      ];
    });
  if (sentences.length > 0) return sentences.join('; ');
  return `no one variant of ${name} ${versions(fitting)} has ${assignments(options)}`;
}

function noSuchOption(name: string, fitting: readonly Parsed[], option: string): string {
  const known = [...new Set(fitting.flatMap(({ candidate }) => Object.keys(candidate.options ?? {})))];
  const there =
    known.length === 0 ? '' : `: there ${known.length === 1 ? 'is' : 'are'} ${some(known.sort(compareText))}`;
  return `${name} ${versions(fitting)} ${areMany(fitting) ? 'have' : 'has'} no option ${option}${there}`;
}

/** What stands against candidates that would have done. */
function bars(unusable: readonly UnusableCandidate[], name: string): string[] {
  const yanked = unusable.flatMap((each) => (each.reason.kind === 'yanked' ? parsed(each) : []));
  // A yanked version is there for these settings: that others of its variants are for other ones bars nothing.
  const there = new Set(yanked.map(({ candidate }) => candidate.version));
  const byPlace = new Map<string, { place: string[]; found: Parsed[] }>();
  for (const { candidate, reason } of unusable) {
    if (reason.kind !== 'settings' || there.has(candidate.version)) continue;
    const settings = [...reason.names].sort(compareText);
    const place = settings.map((setting) => `${setting} ${own(candidate.settings, setting)}`);
    const group = byPlace.get(join(place)) ?? { place, found: [] };
    for (const each of parsed({ candidate, reason })) group.found.push(each);
    byPlace.set(join(place), group);
  }
  const sorted = [...byPlace].sort(([a], [b]) => compareText(a, b)).map(([, group]) => group);
  const places = grouped(sorted, ({ found }) =>
    clause(`${name} ${versions(found)}`, areMany(found), 'exists'),
  );
  const sentences = [...places].map(
    ([exists, all]) =>
      `${exists} only for ${listed(
        widest(all.map(({ place }) => place)).map((place) => join(place)),
        'or',
      )}`,
  );
  const left = sentences.length - mostBars;
  if (left > 1) sentences.splice(mostBars, left, `others exist only for ${left} more such targets`);
  if (yanked.length === 0) return sentences;
  const are = areMany(yanked) ? 'are' : 'is';
  return [...sentences, `${name} ${versions(yanked)} ${are} yanked: only a lock that has it may keep it`];
}

/** Those of the places that no other one includes: `qemu` includes `arm64 and qemu`. */
function widest(places: readonly string[][]): string[][] {
  const shortest = places.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
  return places.filter(
    (place) =>
      place.length === shortest ||
      !places.some((other) => other.length < place.length && other.every((each) => place.includes(each))),
  );
}

function parsed({ candidate }: UnusableCandidate): Parsed[] {
  const version = parseVersion(candidate.version);
  return version === undefined ? [] : [{ candidate, version }];
}

function isInRange(text: string, range: string): boolean {
  const version = parseVersion(text);
  const asked = parseRange(range);
  return version !== undefined && asked !== undefined && inRange(version, asked);
}

function lines(wants: readonly Want[]): string {
  const told = wants.filter(({ line }) => line > 0).map(({ line }) => String(line));
  const shown = told.slice(0, mostCompared);
  return join(shown.length === wants.length ? shown : [...shown, `${wants.length - shown.length} more`]);
}

/** Who meets what: `2.1.0 meets only line 2, 1.4.0 only line 4`. */
function split(component: ComponentPackage, wants: readonly Want[]): string {
  const groups = new Map<string, Parsed[]>();
  for (const [index, candidate] of component.candidates.entries()) {
    const met = wants.filter(({ allowed }) => has(allowed, index));
    if (met.length === 0) continue;
    const key = met.length === 1 ? `only line ${lines(met)}` : `lines ${lines(met)}`;
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  const texts = [...groups].map(([, found]) => versions(found));
  const name = (found: readonly Parsed[]) =>
    new Set(texts).size === texts.length
      ? versions(found)
      : join(found.map(({ candidate }) => variant(candidate)));
  return [...groups]
    .map(
      ([met, found], i) => `${i === 0 ? clause(name(found), found.length > 1, 'meets') : name(found)} ${met}`,
    )
    .join(', ');
}
