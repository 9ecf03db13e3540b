import type { Requirement, Root } from 'bunny-libos-solver';
import {
  BunnyError,
  type Bunnyfile,
  baseComponents,
  bunnyfileSettingProblems,
  byText,
  type Document,
  errorIn,
  exitStatus,
  perTarget,
  type Scalar,
  type Settings,
  type TargetName,
  type ToolingRules,
} from 'bunny-libos-spec';
import { defaultSettings } from 'bunny-libos-tooling';
import { targetLabel } from '../lock/request.js';

/**
 * What the closure of one target must satisfy: the Bunnyfile's dependencies, with the options that it asks of them;
 * the options that it asks of other components, wherever these come up; what the app's language implies; and the
 * base components of the tooling layer. Throws BUNNY_ESETTING where the Bunnyfile names settings or values that the
 * framework does not have.
 */
export function closureRoot(
  whole: Document<Bunnyfile>,
  rules: ToolingRules,
  target: TargetName,
  implied: Readonly<Record<string, string>>,
): Root {
  const document = perTarget(whole, target);
  const bunnyfile = document.value;
  const problems = bunnyfileSettingProblems(bunnyfile, rules);
  if (problems.length > 0) throw errorIn(document, problems);
  const requirements = new Map<string, Requirement>();
  const constraints = new Map<string, Requirement>();
  for (const [name, version] of Object.entries(implied)) requirements.set(name, { version });
  for (const [name, dependency] of Object.entries(bunnyfile.dependencies)) requirements.set(name, dependency);
  for (const [name, options] of Object.entries(bunnyfile.options)) {
    const direct = requirements.get(name);
    if (direct === undefined || direct.when !== undefined) constraints.set(name, { version: '*', options });
    else requirements.set(name, { ...direct, options: { ...direct.options, ...options } });
  }
  const offered = rules.targets.find(
    (each) => each.arch === target.arch && each.platform === target.platform,
  );
  if (offered === undefined) throw new Error(`no target ${targetLabel(target)}`);
  const settings = closureSettings(document, rules, target);
  const base = Object.fromEntries(
    Object.entries(baseComponents(offered, settings)).map(([name, version]) => [name, { version }]),
  );
  return {
    name: bunnyfile.name,
    requirements: Object.fromEntries(requirements),
    base,
    constraints: Object.fromEntries(constraints),
    settings,
    providers: bunnyfile.providers,
  };
}

/** The settings of a target's closure: arch and platform, the Bunnyfile's, and the framework's defaults. */
export function closureSettings(
  whole: Document<Bunnyfile>,
  rules: ToolingRules,
  target: TargetName,
): Settings {
  const document = perTarget(whole, target);
  const settings: Record<string, Scalar> = { ...defaultSettings(rules, target.arch, target.platform) };
  for (const [name, value] of Object.entries(document.value.settings)) {
    const declaration = Object.hasOwn(rules.settings, name) ? rules.settings[name] : undefined;
    const known = Object.keys(rules.settings).filter((each) => each !== 'arch' && each !== 'platform');
    if (declaration === undefined || !known.includes(name)) {
      throw settingError(
        document,
        name,
        `${rules.framework} ${rules.version} has no setting ${name}`,
        known.length === 0
          ? 'it has none: remove it, or run `bunny update` where a later version has it'
          : `it has ${known.join(', ')}`,
      );
    }
    if (!declaration.values.includes(value)) {
      throw settingError(
        document,
        name,
        `${name} cannot be ${JSON.stringify(value)}`,
        `it takes ${declaration.values.map((each) => JSON.stringify(each)).join(', ')}`,
      );
    }
    settings[name] = value;
  }
  // In the order that a lock has them: a build right after resolving is the build that a reader of the lock makes.
  const all = { ...settings, arch: target.arch, platform: target.platform };
  return Object.fromEntries(Object.entries(all).sort(byText(([name]) => name)));
}

function settingError(
  document: Document<Bunnyfile>,
  name: string,
  summary: string,
  hint: string,
): BunnyError {
  return new BunnyError('BUNNY_ESETTING', summary, {
    where: document.at(['settings', name]),
    hint,
    exitStatus: exitStatus.usage,
  });
}
