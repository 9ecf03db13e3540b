import { OnceMap } from 'bunny-libos-oci';
import { componentsOfRules } from 'bunny-libos-resolver';
import type { ToolingRules } from 'bunny-libos-spec';
import type { AbiSubject } from '../checks/abi-compare.js';
import type { TypeComparison } from '../checks/compare-types.js';
import type { CompatibilityContext, NewVariant } from '../checks/compatibility.js';
import { publishedSubjects } from '../checks/published-subjects.js';
import type { CompileRun } from '../compile/compile.js';
import type { MadeVariant } from '../compile/describe-variant.js';
import type { CompileContext, CompileJob } from '../compile/job.js';
import { type LocalVariant, variantLabel } from '../plan/local-variant.js';
import type { PlannedVariant } from '../plan/plan.js';

/** What new variants are held against: what is published, and what is published in the same run. */
export class LocalSubjects implements CompatibilityContext {
  readonly rules: ToolingRules;
  readonly types: TypeComparison | undefined;
  readonly #context: CompileContext;
  readonly #signal: AbortSignal | undefined;
  readonly #local: readonly NewVariant[];
  readonly #published = new OnceMap<string, AbiSubject[]>();

  constructor(
    made: ReadonlyMap<CompileJob, MadeVariant>,
    planned: readonly PlannedVariant[],
    context: CompileContext,
    { root, limits, signal }: Pick<CompileRun, 'root' | 'limits' | 'signal'>,
  ) {
    const { rules } = context;
    this.rules = rules;
    this.types = rules.types && { rules, openRoot: () => Promise.resolve(root), limits, signal };
    this.#context = context;
    this.#signal = signal;
    const here = new Map([...made].map(([{ variant }, each]) => [variant, each]));
    const known = planned.filter(({ variant, published }) => published || here.has(variant));
    this.#local = known.map(({ variant }) => ({
      identity: variant.identity,
      layerHash: variant.layerHash,
      label: variantLabel(variant),
      file: variant.local.file,
      config: () => context.configs.configOf({ kind: 'local', variant }),
      types: async () => {
        const types = here.get(variant)?.types;
        return types === undefined ? await this.#publishedTypes(variant) : [types.toString()];
      },
    }));
  }

  /** Those of this run that are about to be published. */
  fresh(missing: readonly LocalVariant[]): NewVariant[] {
    const hashes = new Set(missing.map(({ layerHash }) => layerHash));
    return this.#local.filter(({ layerHash }) => hashes.has(layerHash));
  }

  async versionsOf(name: string): Promise<readonly AbiSubject[]> {
    const local = this.#local.filter(({ identity }) => identity.name === name);
    return distinct([...local, ...(await this.#publishedOf(name))]);
  }

  async dependents(): Promise<readonly AbiSubject[]> {
    const names = new Set([
      ...(await this.#context.namespace.names()),
      ...componentsOfRules(this.rules),
      ...this.#local.map(({ identity }) => identity.name),
    ]);
    const lists = await Promise.all([...names].map((name) => this.#publishedOf(name)));
    return distinct([...this.#local, ...lists.flat()]);
  }

  async #publishedTypes({ identity, layerHash }: LocalVariant): Promise<readonly string[]> {
    const there = (await this.#publishedOf(identity.name)).find((each) => each.layerHash === layerHash);
    return (await there?.types()) ?? [];
  }

  #publishedOf(name: string): Promise<AbiSubject[]> {
    const { namespace, bases } = this.#context;
    return this.#published.get(name, () => publishedSubjects([name], namespace, bases, this.#signal));
  }
}

function distinct(subjects: readonly AbiSubject[]): AbiSubject[] {
  return [...new Map([...subjects].reverse().map((subject) => [subject.layerHash, subject])).values()];
}
