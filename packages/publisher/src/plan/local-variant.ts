import { deviationsOf } from 'bunny-libos-namespace';
import { candidateOf } from 'bunny-libos-resolver';
import type { Candidate } from 'bunny-libos-solver';
import {
  BunnyError,
  type ComponentIdentity,
  componentSettingProblems,
  errorIn,
  layerHash,
  type Settings,
  type ToolingRules,
  variantTag,
} from 'bunny-libos-spec';
import { defaultSettings, type TargetRules, targetRules } from 'bunny-libos-tooling';
import type { LocalComponent } from './component-directory.js';
import { agrees, configurations, identityOf, matrixSize } from './matrix.js';

/** A variant that could be published from the maintainer's disk. */
export interface LocalVariant {
  local: LocalComponent;
  identity: ComponentIdentity;
  layerHash: string;
  /** `<version>_<hash>` */
  tag: string;
  /** How many options differ from their defaults. */
  deviations: number;
  candidate: Candidate;
}

/** Variants of one version of a component. */
const mostVariants = 10_000;

/**
 * All variants of a component: its matrix, with the layer hash of each. Throws BUNNY_ESETTING, BUNNY_EOPTION or
 * BUNNY_EAFFECTED where it names settings or values that the framework does not have, BUNNY_ETARGET where no
 * target could use any variant, BUNNY_ETOOLARGE for more than ten thousand.
 */
export function variantsOf(local: LocalComponent, rules: ToolingRules, tooling: string): LocalVariant[] {
  const { document } = local;
  const component = document.value;
  const problems = componentSettingProblems(component, rules);
  if (problems.length > 0) throw errorIn(document, problems);
  const size = matrixSize(component);
  if (size > mostVariants) {
    throw new BunnyError('BUNNY_ETOOLARGE', `this matrix comes to ${size} variants`, {
      where: document.keyAt(['matrix']),
      hint: `name fewer values: ${mostVariants} are published at most, and each is compiled`,
    });
  }
  const found = configurations(component, rules);
  if (found.length === 0) {
    throw new BunnyError('BUNNY_ETARGET', `no target of ${rules.framework} is for a row of this matrix`, {
      where: document.keyAt(['matrix']),
      hint: `choose among ${rules.targets.map(({ arch, platform }) => `${arch}/${platform}`).join(', ')}`,
    });
  }
  return found.map((configuration) => {
    const identity = identityOf(component, configuration, tooling, local.source);
    const hash = layerHash(identity);
    const deviations = deviationsOf(identity.options, component.options);
    return {
      local,
      identity,
      layerHash: hash,
      tag: variantTag(identity.version, hash),
      deviations,
      candidate: candidateOf({ identity, layerHash: hash, deviations }),
    };
  });
}

/** `libc 1.2.0 (amd64, qemu; debug=true)` */
export function variantLabel({ identity }: Pick<LocalVariant, 'identity'>): string {
  const configuration = configurationLabel(identity);
  return `${identity.name} ${identity.version}${configuration === '' ? '' : ` ${configuration}`}`;
}

/** Settings as people read them: `amd64`, `qemu`, `lto=true`. */
export function settingWords(settings: Settings): string[] {
  return Object.entries(settings).map(([name, value]) =>
    name === 'arch' || name === 'platform' ? String(value) : `${name}=${value}`,
  );
}

/** `(amd64, qemu, lto=true; ipv6=true)`; empty where nothing affects a variant. */
export function configurationLabel(identity: Pick<ComponentIdentity, 'settings' | 'options'>): string {
  const settings = settingWords(identity.settings).join(', ');
  const options = Object.entries(identity.options)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  const configuration = [settings, options].filter((part) => part !== '').join('; ');
  return configuration === '' ? '' : `(${configuration})`;
}

/** The rules of every target that could take a variant, in the order of the tooling layer. */
export function targetsOf(variant: Pick<LocalVariant, 'identity'>, rules: ToolingRules): TargetRules[] {
  const { settings } = variant.identity;
  return rules.targets
    .filter((target) => agrees(settings, target))
    .map((target) =>
      targetRules(rules, { ...defaultSettings(rules, target.arch, target.platform), ...settings }),
    );
}
