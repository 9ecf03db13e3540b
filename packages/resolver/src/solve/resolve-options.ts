import type { Bases, Namespace, TargetFilter } from 'bunny-libos-namespace';
import type { Store } from 'bunny-libos-oci';
import type { Bunnyfile, Document, Lock, LockedTarget, TargetName, ToolingRules } from 'bunny-libos-spec';
import type { Gate } from 'bunny-libos-trust';
import type { HeldBack, Solved } from './held-back.js';
import type { Lowered } from './lowered.js';

export interface ResolveOptions {
  bunnyfile: Document<Bunnyfile>;
  /** Path of the Bunnyfile, for messages. */
  file: string;
  /** Path of the lock, for messages. */
  lockFile: string;
  /** The lock that is there already: kept wherever the request allows. */
  previous: Lock | undefined;
  /**
   * What of it need not be kept: components by name, of which an earlier one matters more than a later one, or everything
   * with the tooling layer.
   */
  renew?: ReadonlySet<string> | 'all' | undefined;
  /** What the Bunnyfile asks for by name may become older, too, so that what is renewed becomes newer. */
  allowDowngrade?: boolean | undefined;
  bases: Bases;
  store: Store;
  filter: TargetFilter;
  /** Lock all `targets` of the Bunnyfile where the lock is written anyway, also those that the filter leaves out. */
  lockAll?: boolean | undefined;
  /** Components that the app needs for a target, by its languages, beyond those it names: name -> range. */
  implied?:
    | ((rules: ToolingRules, target: TargetName) => Promise<Readonly<Record<string, string>>>)
    | undefined;
  /** Fail where the lock would change. */
  frozen?: boolean | undefined;
  /** Use only what was seen before. */
  offline?: boolean | undefined;
  /**
   * Says which of a lock's targets are to be compared with the manifests that they pin, of those that were asked for:
   * the others are trusted.
   */
  check?: ((lock: Lock, wanted: readonly LockedTarget[]) => readonly LockedTarget[]) | undefined;
  /** The answer is only looked at: what is newly chosen is not compared with its manifest, nor remembered as checked. */
  tentative?: boolean | undefined;
  strategy?: 'highest' | 'lowest' | undefined;
  /** Decisions after which the search is given up; as the solver has it where left out. */
  budget?: number | undefined;
  /** What was opened by `openNamespace` with the same options, where its answers are of use to others too. */
  namespace?: Namespace | undefined;
  /** What the policies allow: nothing else is chosen, or taken from a lock. Without it there is no policy. */
  gate?: Gate | undefined;
  signal?: AbortSignal | undefined;
}

export interface Resolution {
  lock: Lock;
  /** The targets that were asked for, in the order of the lock. */
  wanted: readonly LockedTarget[];
  changed: boolean;
  /** What the user should know though all went well: one sentence each. */
  warnings: readonly string[];
  /** What was chosen anew and is older than the Bunnyfile lets it be, because of others. */
  held: readonly HeldBack[];
  /** What has become older. */
  lowered: readonly Lowered[];
  /** By `arch/platform`, for targets that were solved: what else is known of their components. */
  solved: ReadonlyMap<string, Solved>;
}
