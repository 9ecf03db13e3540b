import {
  ComponentRepository,
  findRulesLayer,
  readCatalogNames,
  readRulesLayer,
  type Variant,
  variantOfIndexEntry,
} from 'bunny-libos-namespace';
import {
  formatReference,
  isIndex,
  type Network,
  parseImageReference,
  parseManifest,
  parseReference,
  readBytes,
  Store,
  type Target,
} from 'bunny-libos-oci';
import {
  BunnyError,
  type CatalogEntry,
  type ComponentConfig,
  catalogRepository,
  type Dependencies,
  exitStatus,
  formatBytes,
  mediaTypes,
  readCatalogEntry,
  readComponentConfig,
  type ToolingDocument,
  toolingRepository,
  variantTag,
} from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { count } from '../../terminal/quantities.js';
import { oneLine } from '../../terminal/shown-text.js';
import { table } from '../../terminal/table.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { Context } from './command.js';
import { type InspectedImages, inspectImages, printImages } from './images.js';

/** What was found, as `--json` prints it. */
type Inspected =
  | { kind: 'component'; name: string; variants: Summary[]; yanked: string[] }
  | { kind: 'version'; name: string; variants: Summary[] }
  | { kind: 'variant'; name: string; digest: string; config: ComponentConfig }
  | { kind: 'tooling'; name: string; digest: string; document: ToolingDocument }
  | { kind: 'tooling-versions'; name: string; versions: string[] }
  | { kind: 'catalog'; name: string; components: string[] }
  | { kind: 'catalog-entry'; name: string; digest: string; entry: CatalogEntry }
  | InspectedImages;

type Summary = ReturnType<typeof summary>;

/** `bunny inspect`: status 1 where there is nothing of ours. */
export async function run(context: Context, text: string): Promise<number> {
  const { terminal, signal } = context;
  const { tag, digest, ...repository } = parseReference(text);
  const network = openNetwork(context);
  const target = network.open(repository);
  const wanted = digest ?? tag;
  const found =
    wanted === undefined
      ? ((await inspectUntagged(network, text, { signal })) ??
        (await inspectRepository(target, formatReference(repository), { signal })))
      : await inspectManifest(target, wanted, await Store.open(), { signal });
  print(found, terminal);
  terminal.result(found);
  return exitStatus.done;
}

/** An image that a layout calls by one word, as skopeo has it: `oci:DIR:1.0`. */
async function inspectUntagged(
  network: Network,
  text: string,
  transfer: { signal: AbortSignal },
): Promise<Inspected | undefined> {
  const reference = parseImageReference(text);
  if (reference.kind !== 'repository' || reference.repository.kind !== 'layout') return undefined;
  return await inspectImages(network.open(reference.repository), reference.reference, transfer);
}

async function inspectRepository(
  target: Target,
  name: string,
  transfer: { signal: AbortSignal },
): Promise<Inspected> {
  const [component, framework] = name.split(/[/:]/).reverse();
  if (component === toolingRepository) {
    const versions = await target.tags(transfer);
    if (versions.length > 0) return { kind: 'tooling-versions', name, versions };
  } else if (component === catalogRepository) {
    const components = await readCatalogNames(target, transfer);
    if (components.length > 0) return { kind: 'catalog', name, components };
  } else if (component !== undefined && framework !== undefined) {
    const repository = await ComponentRepository.open(target, { framework, name: component }, transfer);
    const { versions } = repository;
    if (versions.length > 0) {
      const variants = (await repository.all()).map(summary);
      const yanked = versions.filter((version) => repository.isYanked(version));
      return { kind: 'component', name, variants, yanked };
    }
  }
  throw nothing(
    name,
    'it names a component, such as REF/warren/libc, or a tooling layer, such as REF/warren/tooling',
  );
}

async function inspectManifest(
  target: Target,
  reference: string,
  store: Store,
  transfer: { signal: AbortSignal },
): Promise<Inspected> {
  const found = await target.fetchManifest(reference, transfer);
  const where = `${target.name}${reference.includes(':') ? '@' : ':'}${reference}`;
  if (found === undefined) {
    const tags = (await target.tags(transfer)).slice(0, 20);
    throw nothing(
      where,
      tags.length === 0 ? 'the repository is empty or does not exist' : `it has ${tags.join(', ')}`,
    );
  }
  const { digest } = found.descriptor;
  const manifest = parseManifest(found.bytes, found.descriptor.mediaType, where);
  if (isIndex(manifest)) {
    const variants = manifest.manifests.flatMap((entry) => variantOfIndexEntry(entry, where) ?? []);
    if (variants.length > 0) return { kind: 'version', name: where, variants: variants.map(summary) };
  } else if (manifest.artifactType === mediaTypes.component) {
    const config = readComponentConfig(await readBytes(target, manifest.config, undefined, transfer), where);
    return { kind: 'variant', name: where, digest, config };
  } else if (manifest.artifactType === mediaTypes.tooling) {
    const document = await readRulesLayer(store, findRulesLayer(manifest, where), [target], transfer);
    return { kind: 'tooling', name: where, digest, document };
  } else if (manifest.artifactType === mediaTypes.catalog) {
    const layer = manifest.layers.find(({ mediaType }) => mediaType === mediaTypes.catalogEntry);
    const entry = layer && readCatalogEntry(await readBytes(target, layer, undefined, transfer), where);
    if (entry !== undefined) return { kind: 'catalog-entry', name: where, digest, entry };
  }
  const images = await inspectImages(target, reference, transfer);
  if (images !== undefined) return images;
  throw nothing(where, 'something is there, but it is not a Bunny artifact');
}

function summary({ identity, layerHash, abi, manifest, layer }: Variant) {
  return { ...identity, tag: variantTag(identity.version, layerHash), layerHash, abi, manifest, layer };
}

function print(found: Inspected, terminal: Terminal): void {
  if (found.kind === 'component' || found.kind === 'version') {
    const rows = found.variants.map(({ version, settings, options, layer, dependencies, tag }) => [
      version,
      facts(settings),
      facts(options),
      formatBytes(layer.size),
      Object.entries(dependencies).map(dependencyText).join(' '),
      tag,
    ]);
    terminal.print(found.name);
    terminal.print(table(['VERSION', 'SETTINGS', 'OPTIONS', 'SIZE', 'DEPENDENCIES', 'TAG'], rows));
    if (found.kind === 'component' && found.yanked.length > 0) {
      terminal.print(`yanked: ${found.yanked.join(' ')}`);
    }
  } else if (found.kind === 'variant') printVariant(found, terminal);
  else if (found.kind === 'tooling-versions') {
    terminal.print(`${found.name}\n${found.versions.join('\n')}`);
  } else if (found.kind === 'catalog') {
    terminal.print(`${found.name}\n${found.components.join('\n')}`);
  } else if (found.kind === 'catalog-entry') printEntry(found, terminal);
  else if (found.kind === 'image') printImages(found, terminal);
  else {
    const { rules, layerHash } = found.document;
    terminal.print([found.name, `tooling layer of ${rules.framework} ${rules.version}, ABI ${rules.abi}`]);
    if (rules.description !== undefined) terminal.print(oneLine(rules.description));
    terminal.print([`layer hash    ${layerHash}`, `digest        ${found.digest}`]);
    terminal.print([`languages     ${Object.keys(rules.languages).join(', ')}`]);
    terminal.print(
      `targets       ${rules.targets.map(({ arch, platform }) => `${arch}/${platform}`).join(', ')}`,
    );
    for (const [name, { default: chosen, providers }] of Object.entries(rules.capabilities)) {
      terminal.print([
        `capability    ${name}: ${providers.join(', ')}${chosen === undefined ? '' : ` (default ${chosen})`}`,
      ]);
    }
  }
}

function printVariant(found: Extract<Inspected, { kind: 'variant' }>, terminal: Terminal): void {
  const { identity, layerHash, abi, objects, headers, scripts, description, license, builtWith } =
    found.config;
  terminal.print([found.name, `${identity.framework} component ${identity.name} ${identity.version}`]);
  if (description !== undefined) terminal.print(oneLine(description));
  const lines: [string, string][] = [
    ['license', license ?? ''],
    ['settings', facts(identity.settings)],
    ['options', facts(identity.options)],
    ['provides', facts(identity.provides)],
    ['conflicts', facts(identity.conflicts)],
    ['ABI', abi],
    ['layer hash', layerHash],
    ['digest', found.digest],
    ['built with', builtWith.map(({ name, version }) => `${name} ${version}`).join(', ')],
  ];
  for (const [label, value] of lines) if (value !== '') terminal.print([`${label.padEnd(12)}  ${value}`]);
  for (const [name, { version, when }] of Object.entries(identity.dependencies)) {
    terminal.print([`needs         ${name} ${version}${when === undefined ? '' : ` when ${facts(when)}`}`]);
  }
  for (const { path } of headers) terminal.print([`header        ${path}`]);
  for (const { path, kind } of scripts) terminal.print([`script        ${path} (${kind})`]);
  const rows = objects.map(({ path, text, data, bss, defined, undefined: wanted }) => [
    path,
    String(text),
    String(data),
    String(bss),
    String(defined.length),
    String(wanted.length),
  ]);
  terminal.print(table(['OBJECT', 'TEXT', 'DATA', 'BSS', 'DEFINES', 'NEEDS'], rows));
  for (const { path, defined, undefined: wanted } of objects) {
    if (defined.length > 0) terminal.print([`${path} defines ${defined.join(' ')}`]);
    if (wanted.length > 0) terminal.print([`${path} needs ${wanted.join(' ')}`]);
  }
}

function printEntry(
  { name, entry }: Extract<Inspected, { kind: 'catalog-entry' }>,
  terminal: Terminal,
): void {
  terminal.print([name, `catalog entry of ${entry.framework} component ${entry.name}`]);
  if (entry.description !== undefined) terminal.print(oneLine(entry.description));
  for (const { version, variants, provides, yanked, contents } of entry.versions) {
    const capabilities = facts(provides);
    terminal.print([
      `${version}  ${count(variants.length, 'variant')}` +
        `${capabilities === '' ? '' : `, provides ${capabilities}`}${yanked === true ? ', yanked' : ''}`,
    ]);
    const names = (kind: 'headers' | 'symbols') => contents?.[kind].flatMap((group) => group.names).sort();
    for (const kind of ['headers', 'symbols'] as const) {
      const listed = names(kind) ?? [];
      if (listed.length > 0) terminal.print([`  ${kind}  ${listed.join(' ')}`]);
    }
  }
}

/** `libc`, `plat-linuxu[platform=linuxu]` where it is one only under this condition. */
function dependencyText([name, { when }]: [string, Dependencies[string]]): string {
  return when === undefined ? name : `${name}[${facts(when).replaceAll(' ', ',')}]`;
}

/** `arch=amd64 platform=qemu|linuxu` */
function facts(record: object): string {
  return Object.entries(record)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join('|') : value}`)
    .join(' ');
}

function nothing(where: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_ENOTFOUND', 'there is no Bunny artifact here', {
    where,
    hint,
    exitStatus: exitStatus.unsatisfiable,
  });
}
