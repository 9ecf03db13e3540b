import assert from 'node:assert/strict';
import { OciError } from '../src/content/errors.js';

/** All that a user could get to see of an error. */
export function textOf(error: unknown): string {
  assert.ok(error instanceof OciError);
  return JSON.stringify([error.message, error.where, error.hint, error.details, error.stack, error]);
}
