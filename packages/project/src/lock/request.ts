import { type Bases, lockedBases, type TargetFilter } from 'bunny-libos-namespace';
import type { Store, Target } from 'bunny-libos-oci';
import { lockedRules, type ResolveOptions } from 'bunny-libos-resolver';
import {
  type LockedTarget,
  normaliseArchitecture,
  perTarget,
  type ToolingRules,
  toolingRepository,
} from 'bunny-libos-spec';
import type { Project } from '../open/project.js';
import { gateOf } from './gate.js';

/** What somebody wants of a project's lock. */
export interface LockWishes {
  arch?: readonly string[] | undefined;
  platform?: readonly string[] | undefined;
  /** Fail where the lock would change. */
  frozen?: boolean | undefined;
  /** Ask no registry. */
  offline?: boolean | undefined;
  /** Write nothing beside the Bunnyfile. */
  dryRun?: boolean | undefined;
  strategy?: 'highest' | 'lowest' | undefined;
  /** What the Bunnyfile asks for by name may become older. */
  allowDowngrade?: boolean | undefined;
}

/** The targets that the wishes are about. */
export function targetFilter({ arch, platform }: LockWishes): TargetFilter {
  return { arch: arch?.map(normaliseArchitecture), platform };
}

/** Those of a project, one for each of its frameworks. */
export type Requests = readonly [LockRequest, ...LockRequest[]];

/** A project with its lock and what is wanted of it: what all that reads or makes a lock begins with. */
export class LockRequest {
  readonly project: Project;
  readonly wishes: LockWishes;
  readonly options: ResolveOptions;

  private constructor(project: Project, wishes: LockWishes, options: ResolveOptions) {
    this.project = project;
    this.wishes = wishes;
    this.options = options;
  }

  /** Reads the lock and opens the store. Where nobody names a registry, those of the lock are meant. Throws what `gateOf` throws. */
  static async open(project: Project, wishes: LockWishes): Promise<LockRequest> {
    const { frozen, offline, strategy, allowDowngrade } = wishes;
    const previous = await project.lock({ merged: frozen !== true });
    return new LockRequest(project, wishes, {
      bunnyfile: project.document,
      file: project.file,
      lockFile: project.lockFile,
      previous,
      bases: previous === undefined ? project.bases : project.bases.orElse(lockedBases(previous)),
      store: await project.store(),
      filter: targetFilter(wishes),
      frozen,
      offline,
      strategy,
      allowDowngrade,
      implied: async (rules, target) => {
        const { impliedComponents } = await import('bunny-libos-builder');
        const { directory } = project;
        const document = perTarget(project.document, target);
        const { app } = document.value;
        return app === undefined ? {} : impliedComponents(app, rules, directory, document.at);
      },
      gate: await gateOf(project),
      signal: project.signal,
    });
  }

  /** The same for each framework of a project that is asked for. */
  static async openAll({ parts }: Project, wishes: LockWishes): Promise<Requests> {
    const [first, ...others] = await Promise.all(parts.map((part) => LockRequest.open(part, wishes)));
    if (first === undefined) throw new Error('a project has a framework');
    return [first, ...others];
  }

  /** The same wishes for the project with another text as its Bunnyfile, which names the same registries. */
  withText(text: string): LockRequest {
    const project = this.project.withText(text);
    return new LockRequest(project, this.wishes, { ...this.options, bunnyfile: project.document });
  }

  get store(): Store {
    return this.options.store;
  }

  get bases(): Bases {
    return this.options.bases;
  }

  /** Where content of a repository under a base can be read, best first; nowhere for who is offline. */
  readonly sources = (from: string, name: string): Target[] =>
    this.wishes.offline ? [] : this.bases.sources(from, this.project.framework, name);

  /** The rules of the tooling layer that a target is locked to, where they can be had. */
  rulesOf({ tooling }: LockedTarget): Promise<ToolingRules | undefined> {
    return lockedRules(this.store, tooling, this.sources(tooling.from, toolingRepository));
  }
}
