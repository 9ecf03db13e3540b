import { DockerConfig } from 'bunny-libos-oci';
import { registryHost } from 'bunny-libos-project';
import { exitStatus } from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';

/** Forgets the login for a registry. That there was none is no failure. */
export async function run({ terminal }: Run, operand: string): Promise<number> {
  const host = registryHost(operand);
  const config = new DockerConfig();
  const removed = await config.remove(host);
  if (removed) terminal.done('Logged out', `of ${host}`);
  else terminal.note(`there was no login for ${host}`);
  terminal.result({ host, removed, config: config.file });
  return exitStatus.done;
}
