import { type Bill, type BillPart, billDigest, licenseExpression, packageUrl } from './bill.js';

/** A bill of materials as SPDX 2.3 has it, in JSON. */
export function spdxDocument(bill: Bill, created: Date): object {
  const app = 'SPDXRef-app';
  const idOf = ({ name, kind }: Pick<BillPart, 'name' | 'kind'>) => `SPDXRef-${kind}-${spdxId(name)}`;
  const componentId = (name: string) => idOf({ name, kind: 'component' });
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${bill.name} ${bill.target}`,
    documentNamespace: `https://bunny-libos.github.io/sbom/${billDigest(bill)}`,
    creationInfo: {
      created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: bunny-${bill.tool}`],
    },
    packages: [
      {
        SPDXID: app,
        name: bill.name,
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        licenseConcluded: 'NOASSERTION',
        licenseDeclared: 'NOASSERTION',
        copyrightText: 'NOASSERTION',
        primaryPackagePurpose: 'APPLICATION',
        comment: `for ${bill.framework} on ${bill.target}`,
      },
      ...bill.parts.map((part) => spdxPackage(part, idOf(part))),
    ],
    relationships: [
      relation('SPDXRef-DOCUMENT', 'DESCRIBES', app),
      ...bill.parts.map((part) =>
        part.kind === 'tooling'
          ? relation(idOf(part), 'BUILD_TOOL_OF', app)
          : relation(app, 'CONTAINS', idOf(part)),
      ),
      ...bill.direct.map((name) => relation(app, 'DEPENDS_ON', componentId(name))),
      ...bill.parts.flatMap((part) =>
        part.dependencies.map((name) => relation(idOf(part), 'DEPENDS_ON', componentId(name))),
      ),
    ],
  };
}

function relation(from: string, kind: string, to: string): object {
  return { spdxElementId: from, relationshipType: kind, relatedSpdxElement: to };
}

function spdxPackage(part: BillPart, id: string): object {
  const { name, version, digest, description, source, layerHash, repository } = part;
  const license = licenseExpression(part) ?? 'NOASSERTION';
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    checksums: [{ algorithm: 'SHA256', checksumValue: digest.replace(/^sha256:/, '') }],
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license,
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: part.kind === 'tooling' ? 'APPLICATION' : 'LIBRARY',
    ...(description === undefined ? {} : { description }),
    sourceInfo: [
      `repository ${repository}`,
      `layer hash ${layerHash}`,
      ...(source === undefined ? [] : [`source tree ${source}`]),
    ].join(', '),
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: packageUrl(part) },
    ],
  };
}

/** What an id may have: letters, digits, `.` and `-` (SPDX 2.3, 7.2). No two names become one. */
function spdxId(name: string): string {
  return name.replace(/[^A-Za-z0-9-]/g, (character) => `.${character.codePointAt(0)?.toString(16)}.`);
}
