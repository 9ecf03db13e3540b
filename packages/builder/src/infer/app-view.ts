import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { definedSymbols, isLinkerSymbol, undefinedSymbols } from 'bunny-libos-elf';
import { makeTemporary, removeTree } from 'bunny-libos-oci';
import { type BunnyError, perTarget } from 'bunny-libos-spec';
import {
  type Edge,
  type EdgeResult,
  generatedSymbols,
  generatorsOf,
  preprocessCommand,
  runGraph,
  sizeLimits,
  WorkPlace,
} from 'bunny-libos-tooling';
import { appSources } from '../plan/app-sources.js';
import type { BuildRequest } from '../plan/build-request.js';
import { type PreparedBuild, prepareBuild } from '../plan/prepare.js';
import { generatedHeaders, inWork, sandbox } from '../plan/sandbox-paths.js';
import { buildFailure } from '../run/failure.js';
import { prerequisites } from '../run/make-rule.js';
import { objectReader, readElf } from '../run/read-object.js';
import { hostDirectories, pathRewriter, sandboxBinds } from '../run/sandbox-view.js';

/** What the tools see of an app, compiled against one closure. */
export interface AppView {
  /** Headers that its sources include and nothing has, as they are included, sorted. */
  missingHeaders: readonly string[];
  /** What a trial compilation left undefined; not known where headers are missing. */
  symbols?: {
    /** Symbol -> the components of the closure that define it. */
    undefined: ReadonlyMap<string, readonly string[]>;
    /** Headers of the closure that were read, as they are included. */
    headersRead: ReadonlySet<string>;
  };
}

/** Looks at an app again and again, against growing closures. */
export class AppViewer {
  readonly #request: Omit<BuildRequest, 'target'>;

  constructor(request: Omit<BuildRequest, 'target'>) {
    this.#request = request;
  }

  /** The headers that the sources include, seen without those of any component. */
  async headersIncluded(target: BuildRequest['target']): Promise<readonly string[]> {
    const prepared = await prepareBuild({ ...this.#request, target });
    return this.#inside(prepared, async (work) => {
      // Where there is no directory to search, gcc stops at the `#include_next` of its own headers.
      await mkdir(join(work.work, 'none'));
      // What fails for want of headers is looked at again when they are there.
      return (await this.#missing(prepared, [inWork('none')], work)).headers;
    });
  }

  /**
   * Preprocesses the sources with the headers of a closure and, where none is missing, compiles them. Throws
   * BUNNY_ECOMPILE, and what `prepareBuild` and the sandbox throw.
   */
  async view(target: BuildRequest['target']): Promise<AppView> {
    const prepared = await prepareBuild({ ...this.#request, target });
    return this.#inside(prepared, async (work) => {
      const includes = prepared.closure
        .filter(({ headers }) => headers.length > 0)
        .map(({ component }) => `${sandbox.closure(component.name)}/include`);
      // Where one fails, the trial compilation says so: it may want what is only about to be found missing.
      const making = headerSteps(prepared);
      await this.#run(prepared, making, work);
      const searched = making.length === 0 ? includes : [generatedHeaders, ...includes];
      const { headers: missingHeaders, failure } = await this.#missing(prepared, searched, work);
      if (missingHeaders.length > 0) return { missingHeaders };
      if (failure !== undefined) throw failure;
      return { missingHeaders, symbols: await this.#compile(prepared, work) };
    });
  }

  async #inside<T>(prepared: PreparedBuild, action: (work: WorkPlace) => Promise<T>): Promise<T> {
    const work = new WorkPlace(await makeTemporary('bunny-infer-'));
    try {
      await work.prepare([]);
      work.write(prepared.plan.files);
      return await action(work);
    } finally {
      await removeTree(work.path);
    }
  }

  /** Headers that are missing, of the sources that could be preprocessed, and why others could not. */
  async #missing(
    prepared: PreparedBuild,
    includes: readonly string[],
    work: WorkPlace,
  ): Promise<{ headers: string[]; failure?: BunnyError }> {
    const { directory } = this.#request;
    const bunnyfile = perTarget(this.#request.bunnyfile, prepared.plan);
    const { app, name } = bunnyfile.value;
    if (app === undefined) return { headers: [] };
    const sources = await appSources(app, prepared.rules.rules, directory, bunnyfile.at);
    const edges = sources.flatMap(({ path, language }): Edge[] => {
      const output = inWork(`headers/${path}.d`);
      const command = preprocessCommand(prepared.rules, language, {
        in: path,
        out: output,
        includes: [...app.include, ...includes],
        defines: app.defines,
        flags: app.flags,
        name,
      });
      if (command === undefined) return [];
      return [{ command, inputs: [path], outputs: [output], description: `look at the headers of ${path}` }];
    });
    const failed = await this.#run(prepared, edges, work);
    const done = edges.filter((edge) => !failed.some((each) => each.edge === edge));
    const files = done.map(({ outputs: [output = ''] }) => work.read(output, sizeLimits.headers).toString());
    const generated = new Set(
      generatorsOf(prepared.rules).flatMap(({ kind, output }) => (kind === 'header' ? [output] : [])),
    );
    // What is there is named by its path, which is absolute or leads from the app's directory.
    const missing = files
      .flatMap(prerequisites)
      .filter((path) => !path.startsWith('/') && !existsSync(join(directory, path)))
      .filter((path) => !generated.has(path));
    const headers = [...new Set(missing)].sort();
    return failed.length === 0 ? { headers } : { headers, failure: this.#failure(prepared, failed, work) };
  }

  async #compile(prepared: PreparedBuild, work: WorkPlace): Promise<NonNullable<AppView['symbols']>> {
    const { plan, closure, rules } = prepared;
    const own = new Set(plan.objects.flatMap(({ path, owner }) => ('app' in owner ? [path] : [])));
    const edges = [
      ...headerSteps(prepared),
      ...plan.steps.filter(({ outputs }) => outputs.some((output) => own.has(output))),
    ];
    const failed = await this.#run(prepared, edges, work);
    if (failed.length > 0) throw this.#failure(prepared, failed, work);
    const read = objectReader(plan, hostDirectories(closure, this.#request, work), work);
    const objects = await Promise.all(plan.objects.filter(({ owner }) => 'app' in owner).map(read));
    const names = [plan.name, ...closure.map(({ component }) => component.name)];
    const defined = new Set([
      ...objects.flatMap(definedSymbols),
      ...generatorsOf(rules).flatMap((generator) => generatedSymbols(generator, names)),
      ...(rules.target.linkDefines ?? []),
    ]);
    const wanted = objects
      .flatMap(undefinedSymbols)
      .filter((symbol) => !defined.has(symbol) && !isLinkerSymbol(symbol));
    const definers = new Map<string, string[]>([...new Set(wanted)].sort().map((symbol) => [symbol, []]));
    for (const { component, directory, objects: paths } of closure) {
      const owner = `${component.name} ${component.version}`;
      const elves = await Promise.all(paths.map((path) => readElf(join(directory, path), owner)));
      for (const symbol of new Set(elves.flatMap(definedSymbols))) definers.get(symbol)?.push(component.name);
    }
    const files = [...work.dependencies().values()].flat();
    const headersRead = new Set(
      files.flatMap((file) => /^\/closure\/[^/]+\/include\/(.+)$/.exec(file)?.[1] ?? []),
    );
    return { undefined: definers, headersRead };
  }

  /** Runs edges and gives those that failed. */
  async #run(prepared: PreparedBuild, edges: readonly Edge[], work: WorkPlace): Promise<EdgeResult[]> {
    if (edges.length === 0) return [];
    const { jobs, signal, limits } = this.#request;
    const { root, closure } = prepared;
    const { failed } = await runGraph(
      {
        graph: { edges },
        root,
        binds: sandboxBinds(closure, this.#request),
        place: work,
        directory: sandbox.source,
        keepGoing: true,
        dependencies: true,
        jobs,
      },
      { signal, limits },
    );
    return failed;
  }

  #failure({ closure }: PreparedBuild, failed: readonly EdgeResult[], work: WorkPlace): BunnyError {
    const directories = hostDirectories(closure, this.#request, work);
    return buildFailure(failed, pathRewriter(directories));
  }
}

/** The steps that make headers for the image. */
function headerSteps({ plan }: PreparedBuild): readonly Edge[] {
  return plan.steps.filter(({ outputs }) =>
    outputs.some((output) => output.startsWith(`${generatedHeaders}/`)),
  );
}
