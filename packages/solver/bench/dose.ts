import { spawnSync } from 'node:child_process';

/** The packages of a list that cannot be installed, as `dose-debcheck` tells. Undefined where there is none on this machine. */
export function brokenPackages(text: string, native: string): Set<string> | undefined {
  const checked = spawnSync('dose-debcheck', [`--deb-native-arch=${native}`, '--failures'], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (checked.error !== undefined) return undefined;
  // It exits with 1 where it found something.
  if (checked.status === null || checked.status > 63) throw new Error(`dose-debcheck: ${checked.stderr}`);
  return new Set([...checked.stdout.matchAll(/^ {2}package: (.+)$/gm)].map(([, name = '']) => name));
}
