import type { Bunnyfile, FrameworkPart, TargetName } from '../documents/bunnyfile.js';
import { present } from '../words/present.js';
import type { Document } from './document.js';
import { laidOver, pathInLayer } from './layers.js';
import type { Path } from './problem.js';

/** A Bunnyfile as it is for some of its targets, and where its words stand in the file. */
export interface View {
  value: Bunnyfile;
  place: (path: Path) => Path;
}

/** What a Bunnyfile says for each of its frameworks, as a Bunnyfile for that one alone. */
export function perFramework(document: Document<Bunnyfile>): Document<Bunnyfile>[] {
  if (document.value.frameworks === undefined) return [document];
  return frameworkViews(document.value).map((view) => viewed(document, view));
}

/** What it says for one of its targets: what differs for that is laid over what is for all. */
export function perTarget(document: Document<Bunnyfile>, target: TargetName): Document<Bunnyfile> {
  const view = targetView(document.value, target);
  return view.value === document.value ? document : viewed(document, view);
}

function viewed({ at, keyAt }: Document<Bunnyfile>, { value, place }: View): Document<Bunnyfile> {
  return { value, at: (path) => at(place(path)), keyAt: (path) => keyAt(place(path)) };
}

/** As `perFramework`, without a text. */
export function frameworkViews(bunnyfile: Bunnyfile): View[] {
  const { frameworks } = bunnyfile;
  if (frameworks === undefined) return [{ value: bunnyfile, place: (path) => path }];
  return frameworks.map((part) => ({
    value: alone(bunnyfile, part),
    place: (path) => placeOf(part, path),
  }));
}

/** As `perTarget`, without a text. */
export function targetView(bunnyfile: Bunnyfile, target: TargetName): View {
  const index = bunnyfile.targets.findIndex(
    (each) => each.arch === target.arch && each.platform === target.platform,
  );
  const says = bunnyfile.targets[index]?.differs;
  if (says === undefined) return { value: bunnyfile, place: (path) => path };
  const layer = { prefix: ['targets', index], says };
  return { value: laidOver(bunnyfile, says), place: (path) => pathInLayer(layer, path) ?? path };
}

function alone(bunnyfile: Bunnyfile, part: FrameworkPart): Bunnyfile {
  const { frameworks = [], ...common } = bunnyfile;
  const { name, toolingVersion, registries, targets } = part;
  return laidOver(
    {
      ...common,
      ...present({ isOneOfSeveral: frameworks.length > 1 ? (true as const) : undefined }),
      framework: name,
      toolingVersion: toolingVersion ?? (isOfPlatforms(part) ? bunnyfile.toolingVersion : '*'),
      registries: registries ?? bunnyfile.registries,
      targets: targets.flatMap((index) => bunnyfile.targets[index] ?? []),
    },
    part,
  );
}

/** Whether it is the framework of `platforms`, which has a version of its own there. */
function isOfPlatforms({ named }: FrameworkPart): boolean {
  return named[0] === 'platforms';
}

function placeOf(part: FrameworkPart, path: Path): Path {
  const { name, named, targets, toolingVersion, registries } = part;
  const [first, second, ...rest] = path;
  if (first === 'targets' && typeof second === 'number') {
    return ['targets', targets[second] ?? second, ...rest];
  }
  if (first === 'platforms' && second === 'framework') return named;
  if (first === 'platforms' && second === 'version' && !isOfPlatforms(part) && toolingVersion === undefined) {
    return named;
  }
  if (first === 'platforms' && second === 'version' && toolingVersion !== undefined) {
    return ['frameworks', name, 'version'];
  }
  if (first === 'registries' && registries !== undefined) return ['frameworks', name, ...path];
  return pathInLayer({ prefix: ['frameworks', name], says: part }, path) ?? path;
}
