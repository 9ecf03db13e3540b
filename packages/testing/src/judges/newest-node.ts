import { execFileSync } from 'node:child_process';
import { repositoryFile } from '../repository.js';

/** The newest Node with long-term support, by its path; taken from npm where it is not there yet. */
export function newestNode(): string {
  return execFileSync(repositoryFile('scripts/newest-node'), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}

/** Milliseconds that this may take. */
export const newestNodeTimeout = 120_000;
