import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, makeDirectory } from 'bunny-libos-oci';
import { BunnyError, systemError } from 'bunny-libos-spec';
import { openPolicy } from './open-policy.js';

/** What a first policy says: whose layers are used, of which repositories. */
export interface FirstPolicy {
  /** PEM text of a public key. */
  pem: string;
  /** Patterns of repositories. */
  match: readonly string[];
}

/**
 * Writes a policy by which only what one key signed is used, over nothing that is there. Throws BUNNY_EEXISTS, what `openPolicy`
 * throws for patterns that match nothing, BUNNY_EACCESS, BUNNY_EIO.
 */
export async function writePolicyFile(file: string, { pem, match }: FirstPolicy): Promise<void> {
  const patterns = match.map((each) => JSON.stringify(each)).join(', ');
  const text = [
    '# Whose layers may be used here. What no rule matches is refused.',
    'keys:',
    '  libos: |',
    ...pem
      .trim()
      .split('\n')
      .map((line) => `    ${line}`),
    'rules:',
    `  - match: [${patterns}]`,
    '    signers: [libos]',
    '',
  ].join('\n');
  openPolicy(text, file);
  try {
    makeDirectory(dirname(file));
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw systemError(error) ?? error;
    throw new BunnyError('BUNNY_EEXISTS', 'there is a policy already', {
      where: file,
      hint: 'add the key and a rule to it: docs/how-to/sign-layers.md',
    });
  }
}
