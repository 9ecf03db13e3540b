import type { AppTarget, Bunnyfile, Differences, FrameworkPart } from '../documents/bunnyfile.js';
import { normaliseArchitecture } from '../documents/vocabulary.js';
import { suggestion } from '../words/nearest.js';
import { own } from '../words/own.js';
import { present } from '../words/present.js';
import {
  type RawDifferences,
  type RawFramework,
  type RawTarget,
  registry,
  toolingRange,
} from './bunnyfile-shorthand.js';
import type { Path, Problem } from './problem.js';
import { dependencies, given, words } from './shorthand.js';

/** The part of a Bunnyfile that says for which frameworks and targets it is, and what differs there. */
export interface RawTargets {
  platforms?: { framework?: string };
  targets?: (string | RawTarget)[];
  frameworks?: Record<string, RawFramework>;
}

export function targets(raw: RawTargets): AppTarget[] {
  return (raw.targets ?? []).map((target) => {
    const [arch = '', platform = ''] =
      typeof target === 'string' ? target.split('/') : [target.arch, target.platform];
    const says = typeof target === 'string' ? {} : differences(target);
    return {
      arch: normaliseArchitecture(arch),
      platform,
      ...(Object.keys(says).length === 0 ? {} : { differs: says }),
    };
  });
}

/** The framework that is meant where none is asked for. Empty where none is named, which is an error. */
export function usualFramework(raw: RawTargets): string {
  return (
    raw.platforms?.framework ?? raw.targets?.map(frameworkNamed).find((name) => name !== undefined) ?? ''
  );
}

/** The frameworks of the targets, where these name any. */
export function frameworks(raw: RawTargets): readonly FrameworkPart[] | undefined {
  const isNamed = (raw.targets ?? []).some((target) => frameworkNamed(target) !== undefined);
  if (!isNamed && Object.keys(raw.frameworks ?? {}).length === 0) return undefined;
  const indices = new Map<string, number[]>();
  const usual = usualFramework(raw);
  const named = (raw.targets ?? []).map((target) => frameworkNamed(target) ?? usual);
  for (const [index, name] of named.entries()) indices.set(name, [...(indices.get(name) ?? []), index]);
  if (indices.size === 0) indices.set(usual, []);
  return [...indices].map(([name, targets]): FrameworkPart => {
    const { version, registries, ...says } = own(raw.frameworks, name) ?? {};
    return present({
      name,
      named:
        name === raw.platforms?.framework
          ? ['platforms', 'framework']
          : ['targets', targets[0] ?? 0, 'framework'],
      targets,
      toolingVersion: version === undefined ? undefined : toolingRange(version),
      registries: registries?.map(registry),
      ...differences(says),
    });
  });
}

function frameworkNamed(target: string | RawTarget): string | undefined {
  return typeof target === 'string' ? undefined : target.framework;
}

function differences(raw: RawDifferences): Differences {
  const { sources, app, dependencies: needed } = raw;
  const isPlain = sources !== undefined;
  const differs =
    app === undefined && !isPlain
      ? undefined
      : present({
          ...given(app ?? {}, 'language', 'sources', 'include', 'defines'),
          ...present({ sources }),
          flags: app?.flags === undefined ? undefined : words(app.flags),
        });
  return present({
    app: differs,
    plainSources: isPlain ? (true as const) : undefined,
    dependencies: needed && dependencies(needed),
    ...given(raw, 'options', 'providers', 'settings'),
  });
}

/** What is wrong with the frameworks and targets of a Bunnyfile, beyond what the schema says. */
export function targetProblems(bunnyfile: Bunnyfile, raw: RawTargets & { kernel?: unknown }): Problem[] {
  return [
    ...autoProblems(bunnyfile),
    ...frameworkProblems(bunnyfile, raw),
    ...repeatedTargets(bunnyfile, raw),
    ...usualTargetProblems(bunnyfile),
    ...layersOf(raw).flatMap(({ prefix, says }) => differenceProblems(prefix, says, raw)),
  ];
}

/** What one framework has under a name another one need not have. */
function autoProblems({ frameworks: parts = [], inferDependencies }: Bunnyfile): Problem[] {
  if (!inferDependencies || parts.length < 2) return [];
  const message = '`auto` cannot tell what is a dependency of several frameworks';
  const hint = 'write what all need here, and what one needs in `frameworks`: `frameworks.NAME.dependencies`';
  return [{ code: 'BUNNY_EINFER', message, path: ['dependencies'], hint }];
}

function frameworkProblems({ frameworks: parts = [] }: Bunnyfile, raw: RawTargets): Problem[] {
  const usual = raw.platforms?.framework;
  if (usual === undefined) {
    const lacking = (raw.targets ?? []).flatMap((target, index) =>
      frameworkNamed(target) === undefined ? [index] : [],
    );
    if (lacking.length > 0 || raw.targets?.length === 0) {
      const hint =
        'name it in `platforms`, or in each of `targets`: { framework: NAME, arch: …, platform: … }';
      const [message, path] = unnamed(raw, lacking[0]);
      return [{ code: 'BUNNY_ETYPE', message, path, hint }];
    }
  }
  const names = new Set(parts.map(({ name }) => name));
  const unused = Object.keys(raw.frameworks ?? {}).filter((name) => !names.has(name));
  return [
    ...unused.map((name): Problem => {
      const message = `frameworks: no target is for ${JSON.stringify(name)}`;
      const hint = suggestion(name, names) ?? 'add one to `targets`, or leave it out';
      return { code: 'BUNNY_ETARGET', message, path: ['frameworks', name], onKey: true, hint };
    }),
    ...(usual === undefined || parts.length === 0 || names.has(usual)
      ? []
      : [
          {
            code: 'BUNNY_ETARGET' as const,
            message: `platforms: no target is for ${usual}`,
            path: ['platforms', 'framework'],
            hint: 'add one to `targets`, or leave the framework of `platforms` out',
          },
        ]),
  ];
}

function unnamed(
  { platforms, targets: listed = [] }: RawTargets,
  target: number | undefined,
): [string, Path] {
  const isNamedElsewhere = listed.some((each) => frameworkNamed(each) !== undefined);
  if (target !== undefined && (isNamedElsewhere || platforms === undefined)) {
    return [`targets[${target}]: it names no framework, and neither does \`platforms\``, ['targets', target]];
  }
  return platforms === undefined
    ? ['the key "platforms" is missing', []]
    : ['platforms: the key "framework" is missing', ['platforms']];
}

function repeatedTargets(bunnyfile: Bunnyfile, raw: RawTargets): Problem[] {
  const places = new Map<string, number>();
  const isNamed = bunnyfile.frameworks !== undefined;
  return bunnyfile.targets.flatMap(({ arch, platform }, index): Problem[] => {
    const framework = frameworkNamed(raw.targets?.[index] ?? '') ?? bunnyfile.framework;
    const target = `${isNamed ? `${framework}/` : ''}${arch}/${platform}`;
    const first = places.get(target);
    if (first === undefined) {
      places.set(target, index);
      return [];
    }
    const message = `targets[${index}]: ${target} is there already, as targets[${first}]`;
    return [{ code: 'BUNNY_EDUPLICATE', message, path: ['targets', index], hint: 'leave it out' }];
  });
}

/** What `platforms` names beside targets, and none of them is for, would do nothing. */
function usualTargetProblems(bunnyfile: Bunnyfile): Problem[] {
  const facts = [
    ['architecture', 'arch'],
    ['monitor', 'platform'],
  ] as const;
  return facts.flatMap(([key, fact]): Problem[] => {
    const known = [...new Set(bunnyfile.targets.map((each) => each[fact]))];
    const value = bunnyfile[key];
    if (value === undefined || known.length === 0 || known.includes(value)) return [];
    const message = `platforms.${key}: none of \`targets\` is for ${JSON.stringify(value)}`;
    const hint = suggestion(value, known) ?? `they are for ${known.join(', ')}`;
    return [{ code: 'BUNNY_ESETTING', message, path: ['platforms', key], hint }];
  });
}

function layersOf(raw: RawTargets): { prefix: (string | number)[]; says: RawDifferences }[] {
  return [
    ...Object.entries(raw.frameworks ?? {}).map(([name, says]) => ({ prefix: ['frameworks', name], says })),
    ...(raw.targets ?? []).flatMap((says, index) =>
      typeof says === 'string' ? [] : [{ prefix: ['targets', index], says }],
    ),
  ];
}

function differenceProblems(
  prefix: (string | number)[],
  { sources, app, settings = {} }: RawDifferences,
  { kernel }: { kernel?: unknown },
): Problem[] {
  const problems: Problem[] = ['arch', 'platform']
    .filter((name) => Object.hasOwn(settings, name))
    .map((name) => ({
      code: 'BUNNY_ESETTING',
      message: `settings: ${JSON.stringify(name)} belongs to the target`,
      path: [...prefix, 'settings', name],
      onKey: true,
      hint: 'a target of `targets` names it itself',
    }));
  if (sources !== undefined && app?.sources !== undefined) {
    const message = '`sources` stands for `app.sources`, which is here as well';
    const hint = 'say it in one of the two places';
    problems.push({ code: 'BUNNY_ETYPE', message, path: [...prefix, 'sources'], onKey: true, hint });
  }
  if (kernel !== undefined && (sources ?? app) !== undefined) {
    const message = 'a Bunnyfile compiles an `app` or packages a prebuilt `kernel`, not both';
    const path = [...prefix, sources === undefined ? 'app' : 'sources'];
    problems.push({ code: 'BUNNY_ETYPE', message, path, onKey: true, hint: 'leave one of them out' });
  }
  return problems;
}
