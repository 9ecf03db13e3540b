import type { BuildPlan, LinkedObject } from '../plan/build-plan.js';

/** Whose an object is, for messages: `src/main.c`, `net 1.2.0 (objects/tcp.o)`, `the generated components.c`. */
export function ownerText({ owner, path }: LinkedObject, { layers }: Pick<BuildPlan, 'layers'>): string {
  if ('app' in owner) return owner.app;
  if ('generator' in owner) return `the generated ${owner.generator}`;
  const version = layers.find((layer) => layer.name === owner.component)?.version;
  return `${owner.component} ${version} (${path.slice(path.indexOf('/objects/') + 1)})`;
}
