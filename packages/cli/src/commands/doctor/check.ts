import { OciError } from 'bunny-libos-oci';
import { BunnyError } from 'bunny-libos-spec';
import { hintOf } from '../../terminal/report-error.js';

/** One thing that Bunny needs: what was found, or what is wrong and what to do about it. */
export interface Check {
  name: string;
  ok: boolean;
  found: string;
  hint?: string | undefined;
}

/** What a check finds out. An error that says what to do is its outcome. */
export async function checked(name: string, look: () => Promise<string> | string): Promise<Check> {
  try {
    return { name, ok: true, found: await look() };
  } catch (error) {
    if (!(error instanceof BunnyError || error instanceof OciError)) throw error;
    return { name, ok: false, found: error.message, hint: hintOf(error) };
  }
}

/** A check that has failed. */
export function missing(name: string, found: string, hint: string): Check {
  return { name, ok: false, found, hint };
}
