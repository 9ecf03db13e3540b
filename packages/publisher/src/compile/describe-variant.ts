import { basename, join } from 'node:path';
import { definedSymbols, type ElfObject, undefinedSymbols } from 'bunny-libos-elf';
import type { LayerFile } from 'bunny-libos-namespace';
import {
  BunnyError,
  byText,
  type ComponentConfig,
  holds,
  type ObjectRecord,
  present,
  type ScriptRecord,
  sha256,
} from 'bunny-libos-spec';
import { sizeLimits, type WorkPlace } from 'bunny-libos-tooling';
import { scriptSymbols } from '../checks/symbol-check.js';
import { readComponentFile } from '../plan/component-file.js';
import { publicHeaders, readHeader } from '../plan/public-headers.js';
import { requireDistinctSymbols } from './distinct-symbols.js';
import type { CompileJob } from './job.js';
import { layerFiles } from './layer-files.js';
import { readLinkable } from './linkable-object.js';
import type { PlannedObject } from './steps.js';

/** A compiled variant: its metadata, and the files of its layer. */
export interface MadeVariant {
  config: ComponentConfig;
  files: readonly LayerFile[];
  /** What its framework's rules write of its types. */
  types?: Buffer | undefined;
}

/**
 * Reads what was compiled at a place and describes it. Throws BUNNY_EOBJECT, BUNNY_ESOURCE, BUNNY_EDUPLICATE where two
 * objects define the same symbol or two scripts have the same name, and as `WorkPlace.read`.
 */
export async function describeVariant(job: CompileJob, abi: string, place: WorkPlace): Promise<MadeVariant> {
  const { variant, plan } = job;
  const { local, identity } = variant;
  const component = local.document.value;
  const files: LayerFile[] = [];

  const objects: ObjectRecord[] = [];
  const elves: { source: string; elf: ElfObject }[] = [];
  for (const object of plan.objects) {
    const isPrebuilt = object.edge === undefined;
    const file = isPrebuilt ? join(local.directory, object.source) : join(place.work, object.output);
    const content = isPrebuilt
      ? await readComponentFile(local, object.source, local.document.at(['objects']))
      : place.read(object.output, sizeLimits.object);
    files.push({ path: object.path, content });
    const elf = readLinkable(content, { file, variant, rules: job.rules.rules });
    objects.push(describeObject(object, content, elf));
    elves.push({ source: object.source, elf });
  }
  requireDistinctSymbols(variant, elves, job.rules.rules);
  const headers = await publicHeaders(variant);
  for (const header of headers) {
    files.push({ path: header.path, content: await readHeader(local, header) });
  }
  const scripts: ScriptRecord[] = [];
  const facts = { ...identity.settings, ...identity.options };
  for (const { file, kind } of component.scripts.filter((script) => holds(script.when, facts))) {
    const content = await readComponentFile(local, file, local.document.at(['scripts']));
    const path = `scripts/${kind}/${basename(file)}`;
    if (scripts.some((other) => other.path === path)) {
      throw new BunnyError('BUNNY_EDUPLICATE', `two linker scripts are called ${basename(file)}`, {
        where: local.document.at(['scripts']),
        hint: 'rename one of them: a layer has them in one directory',
      });
    }
    files.push({ path, content });
    scripts.push({
      path,
      kind,
      digest: sha256(content),
      defined: [...scriptSymbols(content.toString())].sort(),
    });
  }
  const others = await layerFiles(variant);
  for (const file of others) files.push(file);
  return {
    files,
    types: plan.types && place.read(plan.types.output, sizeLimits.types),
    config: present({
      schema: 'https://bunny-libos.github.io/schema/component-config/v1' as const,
      identity,
      layerHash: variant.layerHash,
      description: component.description,
      license: component.license,
      upstream: component.upstream,
      abi,
      declares: component.options,
      objects: objects.sort(byText(({ path }) => path)),
      headers: headers.map(({ path, digest }) => ({ path, digest })),
      scripts: scripts.sort(byText(({ path }) => path)),
      files:
        others.length === 0
          ? undefined
          : others
              .map(({ path, content }) => ({ path, digest: sha256(content) }))
              .sort(byText(({ path }) => path)),
      builtWith: job.builtWith,
    }),
  };
}

function describeObject(object: PlannedObject, content: Uint8Array, elf: ElfObject): ObjectRecord {
  return {
    path: object.path,
    digest: sha256(content),
    size: content.length,
    ...elf.sizes,
    defined: definedSymbols(elf),
    undefined: undefinedSymbols(elf),
  };
}
