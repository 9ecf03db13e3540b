import { join } from 'node:path';
import type { Bases, Namespace } from 'bunny-libos-namespace';
import type { Store } from 'bunny-libos-oci';
import type { RegistryUniverse } from 'bunny-libos-resolver';
import { type BuiltWithComponent, mediaTypes, type ToolingRules } from 'bunny-libos-spec';
import type { Bind, TargetRules } from 'bunny-libos-tooling';
import { type LocalVariant, targetsOf } from '../plan/local-variant.js';
import { publicHeaders } from '../plan/public-headers.js';
import type { ClosureSolver, CompileClosure, CompileDependency } from './closure-solver.js';
import { type FileTree, type HeaderTree, headersRoot, headerTree } from './header-tree.js';
import { type Embedding, sourceCopy } from './source-copy.js';
import { type CompilePlan, headersDigest, planCompilation, sourceRoot } from './steps.js';
import type { ConfigSource } from './symbol-sources.js';

/** What a variant is compiled against, and the first target that it is for, which that was solved for. */
export interface TargetClosure {
  rules: TargetRules;
  closure: CompileClosure;
}

/** A variant that is about to be compiled, with everything that its compilation reads. */
export interface CompileJob extends TargetClosure {
  variant: LocalVariant;
  plan: CompilePlan;
  binds: readonly Bind[];
  /** Public headers of components on disk, which are to stand in the plan of the work place. */
  headers: readonly HeaderTree[];
  /** The sources alone, where they embed files: they are compiled from this copy, not from the directory. */
  sources?: FileTree | undefined;
  builtWith: readonly BuiltWithComponent[];
  /** Component -> its directory inside the sandbox. */
  memberRoots: ReadonlyMap<string, string>;
}

export interface CompileContext {
  rules: ToolingRules;
  /** Everything that could be published from here. */
  local: readonly LocalVariant[];
  namespace: Namespace;
  published: RegistryUniverse;
  closures: ClosureSolver;
  configs: ConfigSource;
  embedding: Embedding;
  bases: Bases;
  store: Store;
  signal?: AbortSignal | undefined;
}

/** Finds what a variant is compiled against. Throws BUNNY_ENOSOLUTION, and what the registry throws. */
export async function closureFor(variant: LocalVariant, context: CompileContext): Promise<TargetClosure> {
  const [rules] = targetsOf(variant, context.rules);
  if (rules === undefined) throw new Error(`no target takes ${variant.identity.name}`);
  return { rules, closure: await context.closures.closureOf(variant, rules) };
}

/**
 * Finds how a variant is compiled. Brings published dependencies into the store. Throws BUNNY_EAFFECTED, and what
 * planning and the registry throw.
 */
export async function prepareJob(
  variant: LocalVariant,
  { rules, closure }: TargetClosure,
  context: CompileContext,
): Promise<CompileJob> {
  const members = await Promise.all(closure.members.map((member) => prepareMember(member, context)));
  const includes = members.flatMap((member) => member.includes);
  const builtWith = members.map((member) => member.builtWith);
  const headers = headersDigest(builtWith.map(({ name, headers: digest }) => ({ path: name, digest })));
  const { local } = variant;
  const own: Bind = { from: local.directory, to: sourceRoot(local), mayBePrivate: true };
  return {
    variant,
    rules,
    closure,
    plan: await planCompilation(variant, targetsOf(variant, context.rules), includes, headers),
    binds: [own, ...members.flatMap(({ bind }) => bind ?? [])],
    headers: members.flatMap((member) => member.headers ?? []),
    sources: (await context.embedding.isIn(local)) ? sourceCopy(local) : undefined,
    builtWith,
    memberRoots: new Map(members.map(({ builtWith: { name }, root }) => [name, root])),
  };
}

interface PreparedMember {
  /** Its directory inside the sandbox. */
  root: string;
  bind?: Bind | undefined;
  headers?: HeaderTree | undefined;
  includes: readonly string[];
  builtWith: BuiltWithComponent;
}

async function prepareMember(member: CompileDependency, context: CompileContext): Promise<PreparedMember> {
  const { name, version, framework } = member.variant.identity;
  if (member.kind === 'local') {
    const headers = await publicHeaders(member.variant);
    const digest = headersDigest(headers);
    const tree = headerTree(member.variant.local, headers, digest);
    const { root } = tree;
    return {
      root,
      headers: tree,
      includes: headers.length === 0 ? [] : [root],
      builtWith: { name, version, headers: digest },
    };
  }
  const { variant } = member;
  const config = await context.configs.configOf(member);
  const directory = await context.store.unpacked(
    { mediaType: mediaTypes.componentLayer, ...variant.layer },
    context.bases.sources(variant.from, framework, name),
    { signal: context.signal },
  );
  const digest = headersDigest(config.headers);
  const root = headersRoot(name, version, digest);
  const isSearched = config.headers.length > 0;
  return {
    root,
    bind: isSearched ? { from: join(directory, 'include'), to: root } : undefined,
    includes: isSearched ? [root] : [],
    builtWith: { name, version, headers: digest },
  };
}
