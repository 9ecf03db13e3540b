/** Media types and artifact types of everything that Bunny puts on a registry. */
export const mediaTypes = {
  component: 'application/vnd.bunny.component.v1',
  componentConfig: 'application/vnd.bunny.component.config.v1+json',
  componentLayer: 'application/vnd.bunny.component.layer.v1.tar+gzip',
  tooling: 'application/vnd.bunny.tooling.v1',
  /** What the catalog says of one component; its tag is the component's name. */
  catalog: 'application/vnd.bunny.catalog.v1',
  catalogEntry: 'application/vnd.bunny.catalog.entry.v1+json',
  /** The build record of an image, which it refers to. */
  buildRecord: 'application/vnd.bunny.build-record.v1',
  buildRecordLayer: 'application/vnd.bunny.build-record.v1+json',
  /** Beside a build record: the `tooling.json` that the image was built by. */
  toolingRules: 'application/vnd.bunny.tooling.rules.v1+json',
  /** An empty artifact: marks a version as yanked, or as that no more. */
  yank: 'application/vnd.bunny.yank.v1',
  /** An empty artifact: says that a version is deprecated, or that no more. */
  deprecation: 'application/vnd.bunny.deprecation.v1',
  /** A signed statement about variants of a version: a sigstore bundle. */
  statement: 'application/vnd.bunny.statement.v1',
  /** The sources that a component layer is made from, which refer to it. */
  source: 'application/vnd.bunny.source.v1',
  sourceLayer: 'application/vnd.bunny.source.layer.v1.tar+gzip',
  /** The types of a variant, as its framework's rules describe them: an artifact that refers to the variant. */
  types: 'application/vnd.bunny.types.v1',
  /** Software bills of materials: as artifacts that refer to a layer or an image. */
  spdx: 'application/spdx+json',
  cycloneDx: 'application/vnd.cyclonedx+json',
} as const;

/** Annotation keys. */
export const annotations = {
  layerHash: 'io.github.bunny-libos.layer-hash',
  /** Canonical JSON of the identity, on a variant's descriptor in the index of its version. */
  identity: 'io.github.bunny-libos.identity',
  abi: 'io.github.bunny-libos.abi',
  /** How many options of a variant differ from their defaults. */
  deviations: 'io.github.bunny-libos.deviations',
  /** Descriptor of the component layer (JSON), so that a lock can pin it without reading the manifest. */
  layer: 'io.github.bunny-libos.layer',
  /** On the manifest of a variant that lacks symbols of a version it is compatible with: why that was allowed. */
  breaking: 'io.github.bunny-libos.breaking',
  /** On the index of a version: JSON array of the signed statements about its variants, each a text. */
  statements: 'io.github.bunny-libos.statements',
  /** On the mark that deprecates a version, and on its index: the reason; empty where it is taken back. */
  deprecated: 'io.github.bunny-libos.deprecated',
  /** Beside it: the number of the mark. */
  deprecationNumber: 'io.github.bunny-libos.deprecation',
  /** On an image: sha256 of the bunny.lock that it was built from. */
  lock: 'io.github.bunny-libos.lock',
  /** On an image, and on its entry in an index: the platform that it boots on. */
  platform: 'io.github.bunny-libos.platform',
  /** Marks the layer of a tooling image that holds the rules. */
  toolingRules: 'io.github.bunny-libos.tooling.rules',
} as const;
