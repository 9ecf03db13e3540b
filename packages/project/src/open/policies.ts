import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from 'bunny-libos-oci';
import { readDocumentFile } from 'bunny-libos-resolver';
import { largestSource } from 'bunny-libos-spec';
import { type OpenPolicy, policyFileName, userPolicyFile } from 'bunny-libos-trust';

/**
 * The policies that hold in a directory: the user's, then the project's. Throws where one is there and cannot be read, also
 * where it is a link to nothing: a policy is never off in silence.
 */
export async function policiesOf(directory: string): Promise<OpenPolicy[]> {
  const files = [
    { file: userPolicyFile(), noLink: false },
    { file: join(directory, policyFileName), noLink: true },
  ];
  const policies: OpenPolicy[] = [];
  for (const { file, noLink } of files) {
    if (!(await isThere(file))) continue;
    // Keys and what checks them are loaded by those who have a policy.
    const { openPolicy } = await import('bunny-libos-trust');
    policies.push(openPolicy(await readDocumentFile(file, largestSource, { noLink }), file));
  }
  return policies;
}

/** What cannot be looked at is there: reading it says why. */
async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}
