import type { Bases } from 'bunny-libos-namespace';
import { openSources, type Project } from 'bunny-libos-project';
import { lockedRules, newestTooling } from 'bunny-libos-resolver';
import type { ToolingRules } from 'bunny-libos-spec';
import { neededMonitor } from 'bunny-libos-tooling';
import { type Check, checked, missing } from './check.js';

/** Whether the registries of a project have its framework, and whether its images can be booted here. */
export async function projectChecks(project: Project): Promise<Check[]> {
  const checks: Check[][] = [];
  for (const part of project.parts) checks.push(await registryChecks(part), await monitorChecks(part));
  return checks.flat();
}

async function registryChecks(project: Project): Promise<Check[]> {
  const { framework, directory, network } = project;
  const { references } = project.bases;
  if (references.length === 0) {
    const hint = 'name one with --from REF, with `registries` in the Bunnyfile, or with BUNNY_REGISTRY';
    return [missing('registry', 'none is named', hint)];
  }
  let published = false;
  const checks: Check[] = [];
  for (const reference of references) {
    const look = async () => {
      const rules = await newest(project, openSources([reference], directory, network));
      published ||= rules !== undefined;
      return rules === undefined ? `has no ${framework}` : `${framework} ${rules.version}`;
    };
    checks.push(await checked(`registry ${reference}`, look));
  }
  if (published) return checks;
  const hint = 'check its name in the Bunnyfile, or name the registry that has it';
  return [...checks, missing(`framework ${framework}`, 'no registry has it', hint)];
}

async function newest(project: Project, bases: Bases): Promise<ToolingRules | undefined> {
  const { framework, signal } = project;
  const tooling = await newestTooling({ framework, bases, signal, store: await project.store() });
  return tooling?.document.rules;
}

/** By the rules that the lock pins, else by the newest. Nothing where neither is to be had: another check says why. */
async function monitorChecks(project: Project): Promise<Check[]> {
  const lock = await project.lock({ merged: true }).catch(() => undefined);
  const tooling = lock?.targets[0]?.tooling;
  const rules =
    (tooling && (await lockedRules(await project.store(), tooling))) ??
    (await newest(project, project.bases).catch(() => undefined));
  const targets = lock?.targets ?? rules?.targets ?? [];
  const checks = new Map<string, Check>();
  for (const { arch, platform } of rules === undefined ? [] : targets) {
    const monitor = neededMonitor(rules as ToolingRules, arch, platform);
    if (monitor === undefined) continue;
    const { program, found, package: debian } = monitor;
    const name = `monitor ${program}`;
    const hint = debian === undefined ? `install ${program}` : `install it: apt-get install ${debian}`;
    checks.set(name, found === undefined ? missing(name, 'not installed', hint) : { name, ok: true, found });
  }
  return [...checks.values()];
}
