import { type Catalog, definersOf } from 'bunny-libos-namespace';
import {
  BunnyError,
  baseComponents,
  type CatalogEntry,
  type Dependencies,
  exitStatus,
  type LockedTarget,
  type Settings,
  type ToolingRules,
} from 'bunny-libos-spec';
import type { BuildRequest } from '../plan/build-request.js';
import {
  type Evidence,
  type InferredRequirement,
  inferRequirements,
  meets,
  type OpenQuestion,
  questionOf,
} from '../plan/inferred-requirements.js';
import { AppViewer } from './app-view.js';

export interface InferRequest extends Omit<BuildRequest, 'target' | 'type' | 'output' | 'definers'> {
  catalog: Catalog;
  /** The closures of all targets that these dependencies come to. */
  resolve: (dependencies: Dependencies) => Promise<readonly LockedTarget[]>;
  /** The rules of the tooling layer that a target is locked to. */
  rulesOf: (target: LockedTarget) => Promise<ToolingRules>;
}

/** Looks at a larger closure each time; no honest app needs more. */
const mostRounds = 12;

/**
 * The dependencies that the sources of an app ask for beyond those its Bunnyfile names, over all its targets:
 * first by the headers that they include, as the preprocessor sees them, then by the symbols that a trial
 * compilation leaves undefined. Sorted by name.
 * Throws BUNNY_EINFER with all that is ambiguous or published by nobody, BUNNY_ECOMPILE, and what resolving,
 * the registry and the sandbox throw.
 */
export async function inferDependencies(request: InferRequest): Promise<readonly InferredRequirement[]> {
  return await new Inference(request, await catalogued(request.catalog)).run();
}

async function catalogued(catalog: Catalog): Promise<CatalogEntry[]> {
  return (await catalog.entries()).map(({ entry }) => entry);
}

/** What one look at an app against its closures has shown. */
interface Sight {
  /** There is evidence that was not known before. */
  isMore: boolean;
  /** Keys of all that the app uses. */
  seen: Set<string>;
  /** What the closures lack. */
  unmet: Evidence[];
}

class Inference {
  readonly #request: InferRequest;
  readonly #entries: readonly CatalogEntry[];
  readonly #viewer: AppViewer;
  readonly #evidence = new Map<string, Evidence>();
  #capabilities: ToolingRules['capabilities'] = {};

  constructor(request: InferRequest, entries: readonly CatalogEntry[]) {
    this.#request = request;
    this.#entries = entries;
    this.#viewer = new AppViewer(request);
  }

  async run(): Promise<readonly InferredRequirement[]> {
    await this.#begin();
    for (let round = 0; round < mostRounds; round++) {
      const { requirements } = this.#infer();
      const sight = await this.#look(requirements);
      if (sight.isMore) continue;
      if (sight.unmet.length > 0) throw unanswerable(sight.unmet.map(this.#question), this.#request);
      if (!this.#forget(sight.seen)) return requirements;
    }
    const left = [...this.#evidence.values()].map(this.#question);
    throw unanswerable(left, this.#request);
  }

  /** What is included at first sight: conditions that depend on missing headers are taken as they come. */
  async #begin(): Promise<void> {
    const targets = await this.#request.resolve(this.#request.bunnyfile.value.dependencies);
    for (const target of targets) {
      const { capabilities } = await this.#request.rulesOf(target);
      this.#capabilities = { ...this.#capabilities, ...capabilities };
      const settings = settingsOf(target);
      for (const name of await this.#viewer.headersIncluded(target)) {
        this.#note({ kind: 'headers', name, settings }, target);
      }
    }
  }

  #infer() {
    const { dependencies, providers } = this.#request.bunnyfile.value;
    return inferRequirements([...this.#evidence.values()], {
      entries: this.#entries,
      capabilities: this.#capabilities,
      explicit: new Set(Object.keys(dependencies)),
      chosen: new Set(Object.values(providers)),
    });
  }

  /** Views the app with what is required so far, and notes evidence that is new. */
  async #look(requirements: readonly InferredRequirement[]): Promise<Sight> {
    const { bunnyfile, resolve } = this.#request;
    const inferred = Object.fromEntries(requirements.map(({ name, version }) => [name, { version }]));
    const direct = { ...inferred, ...bunnyfile.value.dependencies };
    const sight: Sight = { isMore: false, seen: new Set(), unmet: [] };
    const see = (evidence: Evidence, target: LockedTarget, isMet: boolean) => {
      sight.seen.add(keyOf(evidence));
      if (!isMet) sight.isMore = this.#note(evidence, target) || sight.isMore;
    };
    for (const target of await resolve(direct)) {
      const settings = settingsOf(target);
      const { missingHeaders, symbols } = await this.#viewer.view(target);
      for (const name of missingHeaders) {
        const evidence: Evidence = { kind: 'headers', name, settings };
        see(evidence, target, false);
        sight.unmet.push(evidence);
      }
      if (symbols === undefined) continue;
      for (const name of symbols.headersRead) see({ kind: 'headers', name, settings }, target, true);
      const asked = [...Object.keys(direct), ...(await this.#baseOf(target))];
      for (const [name, objects] of symbols.undefined) {
        const presentIn = objects.length > 0 ? objects : this.#scriptsThatDefine(name, target);
        const evidence: Evidence = { kind: 'symbols', name, settings, presentIn };
        const isMet = presentIn.some((component) =>
          asked.some((requirement) => meets(component, requirement, this.#entries)),
        );
        see(evidence, target, isMet);
        if (presentIn.length === 0) sight.unmet.push(evidence);
      }
    }
    return sight;
  }

  /** Components of a closure that have a symbol of which their objects know nothing: by a linker script. */
  #scriptsThatDefine(symbol: string, { components, ...target }: LockedTarget): string[] {
    const settings = settingsOf({ components, ...target });
    const definers = definersOf(this.#entries, 'symbols', [symbol], settings).get(symbol) ?? [];
    return definers
      .filter(
        ({ component, version, options }) =>
          Object.keys(options).length === 0 &&
          components.some((each) => each.name === component && each.version === version),
      )
      .map(({ component }) => component);
  }

  /** Components and capabilities that every image for a target has. */
  async #baseOf(target: LockedTarget): Promise<readonly string[]> {
    const rules = await this.#request.rulesOf(target);
    const found = rules.targets.find(
      ({ arch, platform }) => arch === target.arch && platform === target.platform,
    );
    return found === undefined ? [] : Object.keys(baseComponents(found, settingsOf(target)));
  }

  /** True where this is new. */
  #note(evidence: Evidence, { arch, platform }: LockedTarget): boolean {
    const key = JSON.stringify([keyOf(evidence), arch, platform]);
    if (this.#evidence.has(key)) return false;
    this.#evidence.set(key, evidence);
    return true;
  }

  /** What is to be asked about evidence that no inference met. */
  readonly #question = (evidence: Evidence): OpenQuestion => {
    const { open } = this.#infer();
    const known = open.find((question) => keyOf(question) === keyOf(evidence));
    return known ?? questionOf(evidence, this.#entries);
  };

  /** Drops evidence that was not seen again once all headers were there. True where there was some. */
  #forget(seen: ReadonlySet<string>): boolean {
    const before = this.#evidence.size;
    for (const [key, evidence] of this.#evidence) if (!seen.has(keyOf(evidence))) this.#evidence.delete(key);
    return this.#evidence.size < before;
  }
}

function settingsOf({ settings, arch, platform }: LockedTarget): Settings {
  return { ...settings, arch, platform };
}

function keyOf({ kind, name }: Pick<Evidence, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

function unanswerable(questions: readonly OpenQuestion[], { bunnyfile }: InferRequest): BunnyError {
  const details = questions.map(({ kind, name, choices, near }) => {
    const what = kind === 'headers' ? `the header ${name}` : `the symbol ${name}`;
    if (choices.length > 0) return `${what} is in ${choices.join(' or ')}`;
    return `nothing published has ${what}${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`;
  });
  const isChoice = questions.some(({ choices }) => choices.length > 1);
  return new BunnyError('BUNNY_EINFER', 'the sources alone do not tell what the app depends on', {
    where: bunnyfile.at(['dependencies']),
    details: [...new Set(details)],
    hint: isChoice
      ? 'choose by naming one under `dependencies` or `providers`; what is written there stays'
      : 'define what is missing in the app, or ask for versions and options that have it',
    exitStatus: exitStatus.unsatisfiable,
  });
}
