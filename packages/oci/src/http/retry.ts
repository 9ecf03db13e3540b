import { setTimeout as sleep } from 'node:timers/promises';
import { abortedError, throwIfAborted } from '../content/errors.js';

export interface RetryPolicy {
  /** Tries in all. */
  attempts: number;
  /** The longest pause before the second try; it doubles with each further one. Milliseconds. */
  base: number;
  /** The longest pause, also where a registry asks for a longer one. Milliseconds. */
  longest: number;
  /** Where a registry asks for a longer pause than this, it is not asked again: all tries together would be in vain. Milliseconds. */
  patience: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 5,
  base: 250,
  longest: 20_000,
  patience: 60_000,
};

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether an answer may be another one a little later. */
export function isPassing(status: number): boolean {
  return passing.has(status);
}

/** What `Retry-After` asks for (RFC 9110, section 10.2.3), in milliseconds from `now`; undefined where it says nothing. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * The pause before try number `attempt` (2 is the first repetition): exponential, and up to half of it is left to
 * chance, so that clients that failed together do not come back together.
 */
export function pauseBefore(
  attempt: number,
  policy: Pick<RetryPolicy, 'base' | 'longest'>,
  asked: number | undefined,
): number {
  const most = Math.min(policy.longest, policy.base * 2 ** (attempt - 2));
  const pause = most * (0.5 + Math.random() / 2);
  return Math.min(policy.longest, Math.max(pause, asked ?? 0));
}

/** Whether a registry asks for a pause that is not waited for, but told. */
export function isTooLong(asked: number | undefined, policy: RetryPolicy): boolean {
  return asked !== undefined && asked > policy.patience;
}

/** Waits. Throws BUNNY_EABORTED as soon as the signal is raised. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    throw abortedError(error);
  }
}
