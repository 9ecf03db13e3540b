import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from 'bunny-libos-oci';

/** How long processes have to clean up behind them when they are asked to end. Milliseconds. */
const grace = 5_000;
/** How often it is looked whether they have. Milliseconds. */
const pace = 20;

/**
 * Ends all processes of a group, wherever they descend from: asks them by SIGTERM, and kills those that are still
 * there after a while. `group` is the id of its first process.
 */
export async function endProcessGroup(group: number): Promise<void> {
  const until = performance.now() + grace;
  signalGroup(group, 'SIGTERM');
  while (signalGroup(group, 0) && performance.now() < until) await sleep(pace);
  signalGroup(group, 'SIGKILL');
}

/** Sends a signal to all processes of a group; false where there is none. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}
