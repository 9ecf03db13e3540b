import { type Bill, type BillPart, billDigest, licenseExpression, packageUrl } from './bill.js';

/** A bill of materials as CycloneDX 1.6 has it, in JSON. */
export function cyclonedxDocument(bill: Bill, created: Date): object {
  const app = `app:${bill.name}`;
  const refs = new Map(bill.parts.map((part) => [part.name, packageUrl(part)]));
  const refsOf = (names: readonly string[]) =>
    [...new Set(names.flatMap((name) => refs.get(name) ?? []))].sort();
  const components = bill.parts.filter(({ kind }) => kind === 'component');
  const tooling = bill.parts.filter(({ kind }) => kind === 'tooling');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(billDigest(bill))}`,
    version: 1,
    metadata: {
      timestamp: created.toISOString().replace(/\.\d+Z$/, 'Z'),
      tools: { components: [{ type: 'application', name: 'bunny', version: bill.tool }] },
      component: {
        type: 'application',
        'bom-ref': app,
        name: bill.name,
        properties: [
          { name: 'bunny:framework', value: bill.framework },
          { name: 'bunny:target', value: bill.target },
        ],
      },
    },
    components: components.map((part) => component(part, 'library')),
    formulation: tooling.map((part) => ({
      'bom-ref': `formula:${part.digest}`,
      components: [component(part, 'application')],
    })),
    dependencies: [
      { ref: app, dependsOn: refsOf(bill.direct) },
      ...components.map((part) => ({ ref: packageUrl(part), dependsOn: refsOf(part.dependencies) })),
    ],
  };
}

function component(part: BillPart, type: 'library' | 'application'): object {
  const { name, version, digest, description, source, layerHash, repository } = part;
  const license = licenseExpression(part);
  return {
    type,
    'bom-ref': packageUrl(part),
    name,
    version,
    ...(description === undefined ? {} : { description }),
    hashes: [{ alg: 'SHA-256', content: digest.replace(/^sha256:/, '') }],
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    purl: packageUrl(part),
    properties: [
      { name: 'bunny:layerHash', value: layerHash },
      { name: 'bunny:repository', value: repository },
      ...(source === undefined ? [] : [{ name: 'bunny:source', value: source }]),
    ],
  };
}

/** A UUID that is made from a digest (RFC 9562, version 8). */
function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}
