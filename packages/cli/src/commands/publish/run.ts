import { Store } from 'bunny-libos-oci';
import { openBases } from 'bunny-libos-project';
import {
  leftToCompiling,
  type PreparedPublish,
  type PublishPlan,
  planDocument,
  preparePublish,
  publish,
  settingWords,
  unmadeRoot,
  variantLabel,
} from 'bunny-libos-publisher';
import { exitStatus, normaliseArchitecture, toolingRepository } from 'bunny-libos-spec';
import { readLimits } from 'bunny-libos-tooling';
import { readRotationFile } from 'bunny-libos-trust';
import packageJson from '../../../package.json' with { type: 'json' };
import { openNetwork } from '../../project/network.js';
import { openKeyless } from '../../project/signer.js';
import { openKey } from '../../terminal/passphrase.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { table } from '../../terminal/table.js';
import type { Terminal } from '../../terminal/terminal.js';
import { Transfers } from '../../terminal/transfers.js';
import type { Context } from './command.js';

/** `bunny publish`: status 5 where something does not compile. */
export async function run(context: Context, paths: string[]): Promise<number> {
  const { flags, terminal, signal } = context;
  const network = openNetwork(context);
  const store = await Store.open();
  // Asked for before hours are spent on compiling.
  const signingKey =
    (await openKeyless(context, network)) ??
    (flags.signKey === undefined ? undefined : await openKey(flags.signKey, flags.passwordStdin, signal));
  const rotations = await Promise.all((flags.rotation ?? []).map(readRotationFile));
  const { shard, jobs, limit, allowBreaking, allowCommands, dryRun } = flags;
  // Compilers say the same of a file for many variants.
  const said = new Set<string>();
  const options = {
    paths: paths.length === 0 ? ['.'] : paths,
    to: flags.to,
    bases: openBases([flags.to], process.cwd(), network, (text) => terminal.warn(text)),
    network,
    store,
    frameworks: flags.framework,
    filter: {
      arch: flags.arch?.map(normaliseArchitecture),
      platform: flags.platform,
    },
    shard,
    jobs,
    limits: readLimits(limit),
    allowBreaking,
    allowCommands,
    dryRun,
    signingKey,
    rotations,
    provenance: flags.provenance ? packageJson.version : undefined,
    sboms: flags.sbom,
    withSource: flags.withSource,
    signal,
    observer: new Transfers(terminal),
    onLine: (line: string) => terminal.progress(line),
    onEdge: (
      edge: { description: string },
      progress: { done: number; total: number },
      output: readonly string[],
    ) => {
      terminal.progress(`${progress.done}/${progress.total}  ${edge.description}`);
      if (output.length > 0) said.add(output.join('\n'));
    },
    onPushed: (variant: Parameters<typeof variantLabel>[0]) =>
      terminal.progress(`pushed ${variantLabel(variant)}`),
  };
  const plans = await preparePublish(options);
  if (flags.dryRun) {
    for (const { plan } of plans) {
      printPlan(plan, terminal);
      if (plan.tooling.layerHash !== undefined) continue;
      terminal.note(
        `layer hashes of ${plan.framework} are not known: ${unmadeRoot}, and a dry run makes none`,
      );
    }
    const unchecked = plans.map(({ plan }) => leftToCompiling(plan));
    const open = new Set(unchecked.flat());
    if (open.size > 0) terminal.note(`not checked, as nothing was compiled:\n  ${[...open].join('\n  ')}`);
    terminal.result({
      plans: plans.map(({ plan }, index) => ({
        ...(planDocument(plan) as object),
        unchecked: unchecked[index],
      })),
    });
    return exitStatus.done;
  }
  const results = [];
  for (const prepared of plans) results.push(await carryOut(prepared, options, said, terminal));
  terminal.result({ results });
  return exitStatus.done;
}

async function carryOut(
  prepared: PreparedPublish,
  options: Parameters<typeof publish>[1],
  said: Set<string>,
  terminal: Terminal,
): Promise<unknown> {
  const { plan } = prepared;
  const result = await publish(prepared, options);
  terminal.clear();
  for (const words of said) terminal.error(words);
  said.clear();
  for (const warning of result.warnings) terminal.warn(warning);
  const present = plan.variants.filter(({ action }) => action === 'present').length;
  const { version } = plan.tooling.rules;
  terminal.done(
    'Tooling',
    `${plan.framework} ${version}${plan.tooling.action === 'push' ? ' pushed' : ' was there'}`,
  );
  terminal.done(
    'Published',
    `${count(result.pushed.length, 'variant')} to ${plan.to}, ${present} there already, ` +
      `${count(result.compiled, 'file')} compiled, in ${timeSinceStart()}`,
  );
  return {
    ...(planDocument(plan) as object),
    compiled: result.compiled,
    pushed: result.pushed.map(({ variant, published }) => ({
      name: variant.identity.name,
      version: variant.identity.version,
      tag: variant.tag,
      layerHash: variant.layerHash,
      digest: published.manifest.digest,
      layer: published.layer.digest,
    })),
    warnings: result.warnings,
  };
}

function printPlan(plan: PublishPlan, terminal: Terminal): void {
  const rows = plan.variants.map(({ variant: { identity }, action, reason }) => [
    action,
    identity.name,
    identity.version,
    settingWords(identity.settings).join(' '),
    Object.entries(identity.options)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    reason,
  ]);
  const { rules, action, reason } = plan.tooling;
  rows.unshift([action, toolingRepository, rules.version, '', '', reason]);
  terminal.print(table(['ACTION', 'COMPONENT', 'VERSION', 'SETTINGS', 'OPTIONS', 'WHY'], rows));
}
