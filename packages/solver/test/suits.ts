import { satisfies as satisfiesSlowly } from 'semver';
import type { Candidate, Requirement } from '../src/search/universe.js';

export function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Whether a candidate is what a requirement wants, by a version of its own or of what it provides. */
export function suits(
  candidate: Candidate,
  version: string,
  { version: range, options }: Requirement,
): boolean {
  return (
    satisfies(version, range) &&
    Object.entries(options ?? {}).every(([option, value]) => own(candidate.options, option) === value)
  );
}

const answers = new Map<string, boolean>();

/** As semver has it; each question is answered once, as random worlds ask the same ones for ever. */
export function satisfies(version: string, range: string): boolean {
  const key = `${version} in ${range}`;
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = satisfiesSlowly(version, range);
    answers.set(key, answer);
  }
  return answer;
}
