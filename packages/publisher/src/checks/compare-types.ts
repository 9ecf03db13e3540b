import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComponentIdentity, ToolingRules } from 'bunny-libos-spec';
import { compareTypesCommand, type Limits, runInSandbox, sandboxDirectories } from 'bunny-libos-tooling';
import { targetsOf } from '../plan/local-variant.js';

export interface TypeComparison {
  rules: ToolingRules;
  /** Opens the root filesystem of the tooling layer. Called only where there is something to compare. */
  openRoot: () => Promise<string>;
  limits?: Limits | undefined;
  signal?: AbortSignal | undefined;
}

/** Lines of a comparison that are kept. */
const mostLines = 60;

/**
 * What the framework's own command says against linking what was compiled with the types of `before` with those of
 * `after`, by lines: none where it is content, or one side has no description. Of several descriptions, each counts:
 * nobody can attach one that hides what another says. Runs in the sandbox, as what it reads comes from others. Throws what `runInSandbox` throws.
 */
export async function compareTypes(
  identity: ComponentIdentity,
  before: readonly string[],
  after: readonly string[],
  { rules, openRoot, limits, signal }: TypeComparison,
): Promise<string[]> {
  const [target] = targetsOf({ identity }, rules);
  const place = sandboxDirectories.plan;
  const command = target && compareTypesCommand(target, `${place}/before`, `${place}/after`);
  if (command === undefined) return [];
  for (const old of before) {
    for (const now of after.filter((text) => text !== old)) {
      const directory = await mkdtemp(join(tmpdir(), 'bunny-types-'));
      try {
        await writeFile(join(directory, 'before'), old);
        await writeFile(join(directory, 'after'), now);
        const result = await runInSandbox(
          {
            root: await openRoot(),
            binds: [{ from: directory, to: place, mayBePrivate: true }],
            directory: place,
            command,
          },
          { limits, signal },
        );
        if (result.status !== 0) return said(result);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    }
  }
  return [];
}

function said({ stdout, stderr, status }: { stdout: string; stderr: string; status: number }): string[] {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return [`the comparison ended with status ${status}, without a word`];
  const left = lines.length - mostLines;
  return left > 0 ? [...lines.slice(0, mostLines), `and ${left} more lines`] : lines;
}
