import { homedir, userInfo } from 'node:os';
import path from 'node:path';

/** The user's: `$HOME`, and where that is empty what the system has on record. Absolute. */
export function homeDirectory(): string {
  return path.resolve(homedir() || userInfo().homedir);
}
