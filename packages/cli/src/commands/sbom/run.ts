import { billOf } from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { cyclonedxDocument, spdxDocument } from 'bunny-libos-trust';
import packageJson from '../../../package.json' with { type: 'json' };
import { lockedClosures } from '../../project/locking.js';
import type { Context } from './command.js';

/** `bunny sbom` */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const closures = [...(await lockedClosures(context))];
  const [found, other] = closures;
  if (found === undefined || other !== undefined) {
    throw new BunnyError('BUNNY_ETARGET', `${closures.length} targets, and a bill is of one`, {
      where: 'bunny sbom',
      hint: `name it with --arch and --platform: ${closures.map(([{ arch, platform }]) => `${arch}/${platform}`).join(', ')}`,
      exitStatus: exitStatus.usage,
    });
  }
  const [graph, source] = found;
  const bill = await billOf(source, [...new Set([...graph.direct, ...graph.base])], packageJson.version);
  const created = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000);
  const write = flags.format === 'cyclonedx' ? cyclonedxDocument : spdxDocument;
  terminal.document(write(bill, created));
  return exitStatus.done;
}
