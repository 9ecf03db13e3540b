import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where a project keeps its policy, beside its Bunnyfile. */
export const policyFileName = 'bunny-policy.yaml';

/** Where a user keeps the policy for all projects (XDG Base Directory Specification: relative paths there count for nothing). */
export function userPolicyFile(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { XDG_CONFIG_HOME: configured = '' } = environment;
  const directory = isAbsolute(configured) ? configured : join(environment.HOME || homedir(), '.config');
  return join(directory, 'bunny', 'policy.yaml');
}
