import { Store } from 'bunny-libos-oci';
import { openBases } from 'bunny-libos-project';
import { type AbiReport, checkAbi, type VariantDifference } from 'bunny-libos-publisher';
import { exitStatus } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import type { Context } from './command.js';

/** `bunny check-abi`: status 1 where a symbol of A is gone in B, or has another type. */
export async function run(context: Context, before: string, after: string): Promise<number> {
  const { terminal, signal } = context;
  const network = openNetwork(context);
  const report = await checkAbi(before, after, {
    store: await Store.open(),
    basesFor: (base) => openBases([base], process.cwd(), network, (text) => terminal.warn(text)),
    signal,
  });
  terminal.result(report);
  terminal.print(headline(report));
  for (const [text, configurations] of folded(report.variants)) {
    terminal.print(`${configurations.join('\n')}\n${text}`);
  }
  return report.breaking ? exitStatus.unsatisfiable : exitStatus.done;
}

/** `libc 1.0.0 -> 1.1.0 (compatible by its number)` */
function headline({ before, after, claimsCompatible }: AbiReport): string {
  const from = `${before.component} ${before.version}`;
  if (before.component !== after.component) return `${from} -> ${after.component} ${after.version}`;
  return `${from} -> ${after.version} (${claimsCompatible ? '' : 'not '}compatible by its number)`;
}

/** What differs -> the configurations where it does, sorted. */
function folded(variants: readonly VariantDifference[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const variant of variants) {
    const text = differenceText(variant);
    texts.set(text, [...(texts.get(text) ?? []), configurationText(variant)].sort());
  }
  return texts;
}

function configurationText({ settings, options }: VariantDifference): string {
  const facts = Object.entries({ ...settings, ...options }).map(([name, value]) => `${name}=${value}`);
  return facts.length === 0 ? 'for all targets' : facts.join(' ');
}

function differenceText({ added, removed, users, types }: VariantDifference): string {
  const usersOf = (symbol: string) =>
    users.filter((user) => user.symbol === symbol).map(({ component, version }) => `${component} ${version}`);
  const lines = [
    ...removed.map((symbol) => {
      const who = usersOf(symbol);
      return `  - ${symbol}${who.length === 0 ? '' : `, used by ${who.join(', ')}`}`;
    }),
    ...added.map((symbol) => `  + ${symbol}`),
    ...types.map((line) => `  ! ${line}`),
  ];
  return (lines.length === 0 ? ['  defines the same'] : lines).join('\n');
}
