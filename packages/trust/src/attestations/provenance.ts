import type { BuiltWithComponent, ComponentIdentity } from 'bunny-libos-spec';

/** How a layer came about: SLSA provenance, version 1, the predicate of an attestation. */
export function layerProvenance(
  identity: ComponentIdentity,
  builtWith: readonly BuiltWithComponent[],
  { tool, now }: { tool: string; now: Date },
): Readonly<Record<string, unknown>> {
  const { framework, name, version, settings, options, tooling, source } = identity;
  const material = (uri: string, digest: string, what: string) => ({
    uri,
    digest: { sha256: digest.replace(/^sha256:/, '') },
    annotations: { what },
  });
  return {
    buildDefinition: {
      buildType: 'https://bunny-libos.github.io/build/component/v1',
      externalParameters: { framework, component: name, version, settings, options },
      internalParameters: {},
      resolvedDependencies: [
        material(`bunny:source/${framework}/${name}`, source, 'the tree of its sources'),
        material(`bunny:tooling/${framework}`, tooling, 'layer hash of the tooling layer'),
        ...builtWith.map((each) =>
          material(
            `bunny:component/${framework}/${each.name}@${each.version}`,
            each.headers,
            'its public headers',
          ),
        ),
      ],
    },
    runDetails: {
      builder: { id: 'https://bunny-libos.github.io/builder/publish/v1', version: { bunny: tool } },
      metadata: { finishedOn: now.toISOString().replace(/\.\d+Z$/, 'Z') },
    },
  };
}
