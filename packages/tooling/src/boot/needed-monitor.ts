import type { ToolingRules } from 'bunny-libos-spec';
import { defaultSettings } from '../rules/check-rules.js';
import { monitorCommand, targetRules } from '../rules/rules.js';
import { findProgram } from '../sandbox/find-program.js';

/** A program of this machine that boots images of a target. */
export interface NeededMonitor {
  program: string;
  /** Debian package that has it, where the tooling layer says. */
  package: string | undefined;
  /** Where it is; undefined where it is not installed. */
  found: string | undefined;
}

/** What boots images of a target; undefined where they run by themselves. Throws BUNNY_ETARGET. */
export function neededMonitor(
  rules: ToolingRules,
  arch: string,
  platform: string,
): NeededMonitor | undefined {
  const image = '/image';
  const target = targetRules(rules, defaultSettings(rules, arch, platform));
  const [program = image] = monitorCommand(target, { image, arguments: [] });
  if (program === image) return undefined;
  return { program, package: target.target.monitor.package, found: findProgram(program) };
}
