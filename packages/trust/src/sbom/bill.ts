import { createHash } from 'node:crypto';
import { canonicalJson } from 'bunny-libos-spec';

/** One layer that an image is made with. */
export interface BillPart {
  /** `tooling`: what made it, of which nothing need be in the image. */
  kind: 'component' | 'tooling';
  name: string;
  version: string;
  /** Canonical name of the repository that it is at home in. */
  repository: string;
  /** Of the manifest. */
  digest: string;
  layerHash: string;
  /** sha256 of the tree of its sources. Undefined for tooling. */
  source?: string | undefined;
  /** SPDX licence expression, as its publisher has it. */
  license?: string | undefined;
  description?: string | undefined;
  /** Names of components that it was linked with as what it depends on. */
  dependencies: readonly string[];
}

/** What an app is made of, for one target. Formats of bills of materials are written from it. */
export interface Bill {
  name: string;
  framework: string;
  /** `amd64/qemu` */
  target: string;
  /** Sorted by kind and name. */
  parts: readonly BillPart[];
  /** Names of the components that the app itself depends on. */
  direct: readonly string[];
  /** Version of Bunny. */
  tool: string;
}

/** Names a bill by all that it says: the same bill has the same name. */
export function billDigest(bill: Bill): string {
  return createHash('sha256').update(canonicalJson(bill)).digest('hex');
}

/** The licence where it can be one: an expression of names, AND, OR, WITH and parentheses. */
export function licenseExpression({ license }: Pick<BillPart, 'license'>): string | undefined {
  const words = license?.replace(/[()]/g, ' ').trim().split(/\s+/) ?? [];
  return words.length > 0 && words.every((word) => /^[A-Za-z0-9][A-Za-z0-9.+:-]*$/.test(word))
    ? license?.trim()
    : undefined;
}

/** The name of a layer among packages of all kinds (purl specification, type `oci`). */
export function packageUrl({ name, version, repository, digest }: BillPart): string {
  const qualifiers = [
    ...(repository.startsWith('oci:') ? [] : [`repository_url=${encodeURIComponent(repository)}`]),
    `tag=${encodeURIComponent(version)}`,
  ];
  return `pkg:oci/${encodeURIComponent(name)}@${encodeURIComponent(digest)}?${qualifiers.join('&')}`;
}
