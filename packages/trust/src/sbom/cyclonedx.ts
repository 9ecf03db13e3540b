import { canonicalJson, present, sha256 } from 'bunny-libos-spec';
import { parseLicence } from '../licences/expression.js';
import type { Bill, Item, ItemKind, RelationKind } from './bill.js';

const types: Readonly<Record<ItemKind, string>> = {
  image: 'application',
  library: 'library',
  file: 'file',
  tool: 'application',
  source: 'library',
  'source-file': 'file',
};

/** Relations that the graph of dependencies has; the others are told where the item stands. */
const graphed: readonly RelationKind[] = ['contains', 'links', 'depends-on'];

/**
 * A bill as CycloneDX 1.6. The same bill gives the same document: its serial number is that of its content. What something was made from is its pedigree; tools are components that are excluded from it. Pure.
 */
export function cycloneDxDocument(bill: Bill, created = new Date(0)): object {
  const { subject, items, relations } = bill;
  const byId = new Map(items.map((item) => [item.id, item]));
  const related = (id: string, kinds: readonly RelationKind[]) =>
    relations.filter(({ from, kind }) => from === id && kinds.includes(kind)).map(({ to }) => to);
  const whole = (item: Item): object => {
    const ancestors = related(item.id, ['made-from']).flatMap((id) => byId.get(id) ?? []);
    return {
      ...component(item),
      ...(ancestors.length === 0 ? {} : { pedigree: { ancestors: ancestors.map(component) } }),
    };
  };
  const told = items.filter(({ kind }) => !kind.startsWith('source'));
  const document = {
    version: 1,
    metadata: {
      timestamp: created.toISOString().replace(/\.\d+Z$/, 'Z'),
      tools: { components: [{ type: 'application', name: 'bunny' }] },
      component: whole(subject),
    },
    components: told.filter(({ id }) => id !== subject.id).map(whole),
    dependencies: told.map(({ id }) => ({
      ref: id,
      dependsOn: [...new Set(related(id, graphed))].sort(),
    })),
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${contentUuid(canonicalJson(document))}`,
    ...document,
  };
}

function component({ id, kind, name, version, description, license, digest, purl, url }: Item): object {
  return present({
    type: types[kind],
    'bom-ref': id,
    name,
    version,
    description,
    scope: kind === 'tool' ? 'excluded' : undefined,
    hashes: digest && [{ alg: 'SHA-256', content: digest.replace('sha256:', '') }],
    licenses: license === undefined ? undefined : [licence(license)],
    purl,
    externalReferences: url && [{ type: 'source-distribution', url }],
  });
}

function licence(text: string): object {
  return parseLicence(text) === undefined ? { license: { name: text } } : { expression: text };
}

/** A UUID of version 8 (RFC 9562): its bits are those of a hash. */
function contentUuid(text: string): string {
  const hex = sha256(text).replace('sha256:', '');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
