import type { BuildRecord } from 'bunny-libos-spec';
import { statementType } from '../signatures/statement.js';
import { predicateTypes } from './predicates.js';

/** Media type of an in-toto statement that nobody has signed; how others find one that refers to an image. */
export const statementMediaType = 'application/vnd.in-toto+json';

/**
 * How an image came about, from its build record: an in-toto statement about all that was written, with SLSA provenance,
 * version 1. It has no date: the same build gives the same statement. Pure.
 */
export function imageProvenance(record: BuildRecord, tool: string): Readonly<Record<string, unknown>> {
  const { name, arch, platform, settings, tooling, components, inputs, outputs } = record;
  return {
    _type: statementType,
    subject: Object.entries(outputs).map(([output, digest]) => ({ name: output, digest: digestSet(digest) })),
    predicateType: predicateTypes.provenance,
    predicate: {
      buildDefinition: {
        buildType: 'https://bunny-libos.github.io/build/image/v1',
        externalParameters: { name, arch, platform, settings },
        internalParameters: {},
        resolvedDependencies: [
          material(`bunny:tooling@${tooling.version}`, tooling.digest, 'manifest of the tooling layer', {
            layerHash: tooling.layerHash,
          }),
          material('bunny:tooling/rules', tooling.rules, 'its rules'),
          ...tooling.rootfs.map((digest) => material('bunny:tooling/rootfs', digest, 'its root file system')),
          ...components.map((each) =>
            material(`bunny:component/${each.name}@${each.version}`, each.digest, 'layer of a component', {
              layerHash: each.layerHash,
              manifest: each.manifest,
            }),
          ),
          ...inputs.map(({ path, digest }) =>
            material(`bunny:input/${encodeURI(path)}`, digest, 'a file of the app'),
          ),
        ],
      },
      runDetails: {
        builder: { id: 'https://bunny-libos.github.io/builder/build/v1', version: { bunny: tool } },
      },
    },
  };
}

function material(uri: string, digest: string, what: string, more: object = {}): object {
  return { uri, digest: digestSet(digest), annotations: { what, ...more } };
}

/** in-toto has the algorithm for a key. */
function digestSet(digest: string): Record<string, string> {
  const [algorithm = '', hex = ''] = digest.split(':');
  return { [algorithm]: hex };
}
