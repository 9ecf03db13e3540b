import { canonicalJson, present, sha256 } from 'bunny-libos-spec';
import { licencesIn, parseLicence } from '../licences/expression.js';
import type { Bill, Item, ItemKind, Relation } from './bill.js';

/** Nobody says. */
const unknown = 'NOASSERTION';

const purposes: Readonly<Record<ItemKind, string>> = {
  image: 'APPLICATION',
  library: 'LIBRARY',
  file: 'FILE',
  tool: 'OTHER',
  source: 'SOURCE',
  'source-file': 'FILE',
};

/**
 * A bill as SPDX 2.3. The same bill gives the same document: its namespace is named by its content. Files are packages of the purpose FILE, as files proper need a SHA-1. Pure.
 */
export function spdxDocument(bill: Bill, created = new Date(0)): object {
  const body = {
    name: bill.subject.name,
    packages: bill.items.map(spdxPackage),
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', reference(bill.subject.id)),
      ...bill.relations.map(spdxRelation),
    ],
    ...extracted(bill),
  };
  const { name, ...rest } = body;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://bunny-libos.github.io/spdx/${sha256(canonicalJson(body)).replace('sha256:', '')}`,
    creationInfo: { created: created.toISOString().replace(/\.\d+Z$/, 'Z'), creators: ['Tool: bunny'] },
    ...rest,
  };
}

function spdxPackage({ id, kind, name, version, description, license, digest, purl, url }: Item): object {
  const isExpression = license !== undefined && parseLicence(license) !== undefined;
  return present({
    name,
    SPDXID: reference(id),
    versionInfo: version,
    packageFileName: kind === 'file' || kind === 'source-file' ? name : undefined,
    description,
    downloadLocation: url ?? unknown,
    filesAnalyzed: false,
    licenseConcluded: unknown,
    licenseDeclared: isExpression ? license : unknown,
    licenseComments: license === undefined || isExpression ? undefined : `declared as: ${license}`,
    copyrightText: unknown,
    primaryPackagePurpose: purposes[kind],
    checksums: digest && [{ algorithm: 'SHA256', checksumValue: digest.replace('sha256:', '') }],
    externalRefs: purl && [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
    ],
  });
}

function spdxRelation({ from, kind, to }: Relation): object {
  const [left, right] = [reference(from), reference(to)];
  if (kind === 'built-by') return relationship(right, 'BUILD_TOOL_OF', left);
  const types = {
    contains: 'CONTAINS',
    links: 'STATIC_LINK',
    'depends-on': 'DEPENDS_ON',
    'made-from': 'GENERATED_FROM',
  } as const;
  return relationship(left, types[kind], right);
}

function relationship(spdxElementId: string, relationshipType: string, relatedSpdxElement: string): object {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

/** A document has to tell the text of each licence that SPDX does not list; nobody declares more than its name. */
function extracted({ items }: Bill): object {
  const names = new Set<string>();
  for (const { license } of items) {
    const parsed = license === undefined ? undefined : parseLicence(license);
    for (const name of parsed === undefined ? [] : licencesIn(parsed)) {
      if (name.startsWith('LicenseRef-')) names.add(name);
    }
  }
  if (names.size === 0) return {};
  const infos = [...names]
    .sort()
    .map((licenseId) => ({ licenseId, extractedText: `declared as ${licenseId}; its text is not known` }));
  return { hasExtractedLicensingInfos: infos };
}

function reference(id: string): string {
  return `SPDXRef-${id}`;
}
