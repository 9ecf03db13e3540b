import type { Gate } from 'bunny-libos-trust';
import type { Project } from '../open/project.js';

/** What the policies that hold for a project let pass; undefined where there are none. Throws what its `policies` throws. */
export async function gateOf(project: Project): Promise<Gate | undefined> {
  const policies = await project.policies();
  if (policies.length === 0) return undefined;
  // What judges is loaded by those who have a policy.
  const { Gate } = await import('bunny-libos-trust');
  const { onWarning } = project.observer;
  return new Gate(policies, { store: await project.store(), onWarning, signal: project.signal });
}
