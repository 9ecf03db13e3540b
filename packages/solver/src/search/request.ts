import { compareText } from './order.js';
import type { Candidate, Requirement, Requirements, Scalar } from './universe.js';

/** A requirement with the name of what it asks for: a component or a capability. */
export interface Request {
  name: string;
  requirement: Requirement;
}

/** True where a requirement's condition holds over the settings and the asking candidate's options. */
export function applies(
  requirement: Requirement,
  asker: Candidate | undefined,
  settings: Readonly<Record<string, Scalar>>,
): boolean {
  const { when } = requirement;
  if (when === undefined) return true;
  return Object.keys(when).every((name) => {
    const wanted = when[name] as Scalar | readonly Scalar[];
    const value = own(asker?.options, name) ?? own(settings, name);
    return value !== undefined && (Array.isArray(wanted) ? wanted.includes(value) : wanted === value);
  });
}

/** True where a candidate has every option asked for, or may have. */
export function meets(candidate: Candidate, options: Readonly<Record<string, Scalar>> | undefined): boolean {
  if (options === undefined || candidate.unread === true) return true;
  return Object.keys(options).every((name) => own(candidate.options, name) === options[name]);
}

/** Requirements that apply, by name: their order in a document has no say. */
export function active(
  requirements: Requirements | undefined,
  asker: Candidate | undefined,
  settings: Readonly<Record<string, Scalar>>,
): Request[] {
  if (requirements === undefined) return [];
  const requests: Request[] = [];
  // Without a function of ours it sorts by UTF-16 code unit too, and much faster.
  for (const name of Object.keys(requirements).sort()) {
    const requirement = requirements[name] as Requirement;
    if (applies(requirement, asker, settings)) requests.push({ name, requirement });
  }
  return requests;
}

/** What a candidate asks for under the closure's settings, by name. */
export function requestsOf(candidate: Candidate, settings: Readonly<Record<string, Scalar>>): Request[] {
  return active(candidate.dependencies, candidate, settings);
}

/** Equal for requests that ask the same of whatever they name. */
export function requestKey({ requirement: { version, options } }: Request): string {
  if (options === undefined) return version;
  const names = Object.keys(options).sort(compareText);
  return `${version} ${JSON.stringify(names.map((name) => [name, options[name]]))}`;
}

/** The value of a record's own key: names of the universe may be those of a prototype, as `constructor` is. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
