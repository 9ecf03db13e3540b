import { dirname, resolve } from 'node:path';
import type { Bases } from 'bunny-libos-namespace';
import { Store } from 'bunny-libos-oci';
import { openBases, openSources, repositoryOf, requireLock } from 'bunny-libos-project';
import { type RebuildSubject, type Rebuilt, rebuild } from 'bunny-libos-publisher';
import { BunnyError, exitStatus, toolingRepository } from 'bunny-libos-spec';
import { readLimits } from 'bunny-libos-tooling';
import { lockedSubjects, publishedSubjects } from 'bunny-libos-trust';
import { componentPlace } from '../../project/component-place.js';
import { openNetwork } from '../../project/network.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';

/** `bunny rebuild`: status 5 where a layer comes out as another, 1 where one cannot be built again. */
export async function run(context: Context, reference?: string): Promise<number> {
  const { flags, terminal, signal } = context;
  if ((reference === undefined) === (flags.lock === undefined)) throw notOne();
  const { bases, subjects } =
    reference === undefined ? await locked(context) : await published(context, reference);
  const store = await Store.open();
  const layers: (Rebuilt & RebuildSubject)[] = [];
  for (const subject of subjects) {
    const rebuilt = await rebuild(subject, {
      bases,
      store,
      jobs: flags.jobs,
      limits: readLimits(flags.limit),
      signal,
      onEdge: ({ description }, { done, total }) => terminal.progress(`${done}/${total}  ${description}`),
    });
    terminal.clear();
    layers.push({ ...subject, ...rebuilt });
  }
  terminal.report(
    table(
      ['LAYER', 'BUILT AGAIN', 'DIGEST'],
      layers.map((each) => [each.label, each.outcome, each.built ?? each.published]),
    ),
  );
  for (const each of layers) if (each.outcome !== 'identical') terminal.warn(explained(each));
  const of = (outcome: Rebuilt['outcome']) => layers.filter((each) => each.outcome === outcome).length;
  terminal.done(
    'Rebuilt',
    `${count(of('identical') + of('different'), 'layer')}, ${of('different')} different, ${of('unknown')} unknown, in ${timeSinceStart()}`,
  );
  terminal.result({ identical: of('identical') === layers.length, layers });
  if (of('different') > 0) return exitStatus.buildFailed;
  return of('unknown') > 0 ? exitStatus.unsatisfiable : exitStatus.done;
}

/** What differs, or why that is not known. */
function explained({ label, outcome, reason, published: digest, built, files, metadata }: Rebuilt): string {
  if (outcome === 'unknown') return `${label} cannot be built again: ${reason}`;
  const lines = files.map(({ path, what, sections }) => {
    const where = sections?.length === 0 ? 'outside of its sections' : sections?.join(', ');
    return `${path}: ${what}${where === undefined ? '' : ` (${where})`}`;
  });
  if (built !== digest && files.length === 0) lines.push('no file differs: the archive is packed otherwise');
  if (metadata.length > 0) lines.push(`what is published of it differs in ${metadata.join(', ')}`);
  const digests = [`published ${digest}`, `built     ${built}`];
  return [`${label} comes out as another layer`, ...digests, ...lines].join('\n  ');
}

interface Wanted {
  bases: Bases;
  subjects: RebuildSubject[];
}

async function locked(context: Context): Promise<Wanted> {
  const { flags, terminal } = context;
  const file = flags.lock ?? '';
  const locks = await requireLock(file, 'name it with --lock FILE');
  const directory = resolve(dirname(file));
  const network = openNetwork(context);
  const bases = openSources(flags.from ?? [], directory, network, (text) => terminal.warn(text));
  const subjects = locks.flatMap((lock) =>
    lockedSubjects(lock)
      .filter(({ name }) => name !== toolingRepository)
      .map(({ name, from, digest }) => ({ to: from, framework: lock.framework, name, digest })),
  );
  return { bases, subjects };
}

async function published(context: Context, reference: string): Promise<Wanted> {
  const { flags, terminal, signal } = context;
  if (flags.from !== undefined) throw notOne();
  const repository = repositoryOf(reference);
  const network = openNetwork(context);
  const place = componentPlace(repository);
  const found = await publishedSubjects(network.open(repository), reference, { signal });
  const bases = openBases([place.to], process.cwd(), network, (text) => terminal.warn(text));
  return { bases, subjects: found.map(({ subject: { digest } }) => ({ ...place, digest })) };
}

function notOne(): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', 'what is to be built again is a REF, or what a lock pins', {
    where: 'bunny rebuild',
    hint: 'name one of them: `bunny rebuild REF`, or `bunny rebuild --lock bunny.lock`, which alone takes --from',
    exitStatus: exitStatus.usage,
  });
}
