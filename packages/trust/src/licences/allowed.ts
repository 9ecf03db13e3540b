import { type Licence, parseLicence } from './expression.js';

/**
 * Whether a licence expression of SPDX can be met with the licences that are allowed: of `A OR B` by one, of `A AND B` by
 * both. `A WITH exception` is a name of its own, and allowed where A is; so is `A+`. What is no expression is allowed where
 * just these words are, and nothing never. Upper and lower case are alike. Pure.
 */
export function isLicenceAllowed(licence: string | undefined, allowed: readonly string[]): boolean {
  if (licence === undefined) return false;
  const names = new Set(allowed.map((name) => name.trim().toLowerCase()));
  const parsed = parseLicence(licence);
  if (parsed === undefined) return licence.trim() !== '' && names.has(licence.trim().toLowerCase());
  return isMet(parsed, names);
}

function isMet(licence: Licence, names: ReadonlySet<string>): boolean {
  if ('conjunction' in licence) {
    const left = isMet(licence.left, names);
    return licence.conjunction === 'and'
      ? left && isMet(licence.right, names)
      : left || isMet(licence.right, names);
  }
  const name = licence.license.toLowerCase();
  const { plus, exception } = licence;
  const whole = `${name}${plus ? '+' : ''}`;
  if (names.has(name) || names.has(whole)) return true;
  return exception !== undefined && names.has(`${whole} with ${exception}`.toLowerCase());
}
