import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { memoryUniverse } from '../src/search/memory.js';
import type { Requirement, Universe } from '../src/search/universe.js';
import { solveSync } from '../src/solve.js';
import { growing, rootOf } from '../test/growing-universes.js';
import { writeCargoRegistry } from './cargo-registry.js';
import { translate } from './debian.js';
import { nativeArchitecture, packagesText, readPackages } from './debian-packages.js';
import { brokenPackages } from './dose.js';
import { generate } from './universes.js';

const versions = 10;

/** Milliseconds, the median of some runs. */
function median(runs: number, run: () => void): number {
  return medians(runs, [run])[0] ?? 0;
}

/** The same for several that take turns, so that all of them see the machine as it is. */
function medians(runs: number, contenders: readonly (() => void)[]): number[] {
  const times = contenders.map((): number[] => []);
  for (let round = 0; round < runs; round++) {
    for (const [i, run] of contenders.entries()) {
      const start = performance.now();
      run();
      times[i]?.push(performance.now() - start);
    }
  }
  return times.map((each) => each.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0);
}

function table(title: string, rows: readonly (readonly (string | number)[])[]): void {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length))) ?? [];
  console.log(`\n${title}`);
  for (const row of rows) {
    const cells = row.map((cell, i) =>
      i === 0 ? String(cell).padEnd(widths[i] ?? 0) : String(cell).padStart(widths[i] ?? 0),
    );
    console.log(`  ${cells.join('  ')}`);
  }
}

function closureSize(
  wishes: readonly string[] | Record<string, Requirement>,
  universe: Universe,
  allowCycles = false,
): number {
  const requirements = Array.isArray(wishes)
    ? Object.fromEntries(wishes.map((name) => [name, { version: '*' }]))
    : (wishes as Record<string, Requirement>);
  const solution = solveSync({ name: 'bench', requirements, settings: {} }, universe, { allowCycles });
  if (!solution.solved) throw new Error([solution.failure.summary, ...solution.failure.lines].join('\n'));
  return solution.closure.size;
}

/** Solves in this process, the universe in memory. */
function benchGenerated(): void {
  const rows: (string | number)[][] = [['family', 'candidates', 'closure', 'ms', 'µs per member']];
  const families = [
    ['easy', 0],
    ['some backtracking', 0.1],
    ['much backtracking', 0.3],
  ] as const;
  for (const [family, narrow] of families) {
    for (const components of [10, 100, 1000, 10_000]) {
      const { candidates, requirements } = generate({
        components,
        versions,
        narrow,
        wishes: components / 3,
        seed: 7,
      });
      const universe = memoryUniverse(candidates);
      let size = 0;
      const time = median(5, () => {
        size = closureSize(requirements, universe);
      });
      rows.push([family, candidates.length, size, time.toFixed(1), ((time * 1000) / size).toFixed(0)]);
    }
  }
  table('Generated universes, in memory', rows);
}

/** What a search without care takes a square of its size for. */
const grown = [
  ['versions that fail for a reason each', 10_000],
  ['versions that fail by a version of another each', 10_000],
  ['versions with ten dependencies each, of which one fails', 10_000],
  ['versions of which only the oldest will do', 10_000],
  ['providers that all fail', 2000],
  ['a chain', 100_000],
  ['a chain without an end', 100_000],
] as const;

/** Solves universes that are large in one way, each with what is told of its failure. */
function benchGrowth(): void {
  const rows: (string | number)[][] = [['family', 'size', 'ms', 'outcome']];
  for (const [family, size] of grown) {
    const universe = growing[family]?.(size);
    if (universe === undefined) throw new Error(`there is no family ${family}`);
    let outcome = '';
    const time = median(3, () => {
      const known = memoryUniverse(universe.candidates, universe.capabilities);
      const solution = solveSync(rootOf(universe), known, universe.options);
      outcome = solution.solved ? `a closure of ${solution.closure.size}` : solution.failure.kind;
    });
    rows.push([family, size, time.toFixed(0), outcome]);
  }
  table('Growth: explanations included', rows);
}

/** Each so many packages of Debian are asked for on their own, and the verdicts held against another solver's. */
const sampled = 16;

/** Solves Debian's package graph, as this machine's apt knows it. */
function benchDebian(): void {
  const text = packagesText();
  if (text === undefined) {
    console.log('\nDebian: there is no apt on this machine');
    return;
  }
  const native = nativeArchitecture();
  const { universe, names, candidates, capabilities } = translate(readPackages(text), native);
  const rows: (string | number)[][] = [['wishes', 'closure', 'ms']];
  const sets = [
    ['build-essential'],
    ['gnome'],
    ['kde-full'],
    ['gnome', 'kde-full', 'texlive-full', 'libreoffice', 'blender', 'postgresql', 'nginx', 'ghc', 'golang'],
  ];
  for (const wishes of sets.filter((set) => set.every((name) => names.includes(name)))) {
    let size = 0;
    const time = median(5, () => {
      size = closureSize(wishes, universe, true);
    });
    rows.push([wishes.join(' '), size, time.toFixed(0)]);
  }
  const sample = names.filter((_, i) => i % sampled === 0);
  const failing = new Set<string>();
  const time = median(1, () => {
    for (const name of sample) {
      const root = { name: 'bench', requirements: { [name]: { version: '*' } }, settings: {} };
      if (!solveSync(root, universe, { allowCycles: true }).solved) failing.add(name);
    }
  });
  rows.push([
    `each ${sampled}th package on its own: ${failing.size} of ${sample.length} cannot be installed`,
    '',
    time.toFixed(0),
  ]);
  let broken: ReadonlySet<string> | undefined;
  const doseTime = median(1, () => {
    broken = brokenPackages(text, native);
  });
  if (broken === undefined)
    rows.push(['dose-debcheck: not on this machine (Debian package dose-distcheck)', '', '']);
  else {
    const known = broken;
    const differing = sample.filter((name) => known.has(name) !== failing.has(name));
    const verdict = differing.length === 0 ? 'agrees on each of these' : `differs on ${differing.join(', ')}`;
    rows.push([
      `dose-debcheck, all packages at once: ${known.size} cannot be installed; ${verdict}`,
      '',
      doseTime.toFixed(0),
    ]);
    if (differing.length > 0) process.exitCode = 1;
  }
  table(`Debian: ${names.length} packages, ${candidates} candidates, ${capabilities} alternatives`, rows);
}

/**
 * Components, and how many others each needs at most. With seven the closures take in about as much as those that the goal
 * (half of cargo's time) was set for: 811 of 1,000 and 7,505 of 10,000. With five they are smaller, and Node's start weighs more.
 */
const cargoShapes = [
  [1000, 5],
  [1000, 7],
  [10_000, 5],
  [10_000, 7],
] as const;

/** Whole process against whole process: read wishes and index, solve, write a lock. */
function benchCargo(): void {
  if (spawnSync('cargo', ['--version']).status !== 0) {
    console.log('\ncargo: not on this machine');
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'bunny-bench-'));
  try {
    // As the command line is shipped: packed, and with what V8 made of it kept from the first start on.
    const program = join(directory, 'lock.cjs');
    buildSync({
      entryPoints: [fileURLToPath(new URL('lock-cargo-registry.js', import.meta.url))],
      outfile: program,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
    const start = fileURLToPath(new URL('../../../../scripts/compiled-start.cjs', import.meta.url));
    const rows: (string | number)[][] = [['registry', 'closure', 'cargo ms', 'bunny ms', 'bunny : cargo']];
    // Where it is set, each start of Node reads all those certificates: three times the time that a start takes.
    const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
    const bare = median(7, () => execFileSync(process.execPath, ['-e', '0'], { env: inherited }));
    for (const [components, dependencies] of cargoShapes) {
      const registry = join(directory, `${components}-${dependencies}`);
      const wishes = components / 3;
      const generated = generate({ components, versions, dependencies, narrow: 0, wishes, seed: 6 });
      writeCargoRegistry(generated, registry);
      const size = closureSize(generated.requirements, memoryUniverse(generated.candidates));
      const environment = { ...inherited, CARGO_HOME: join(directory, 'cargo-home') };
      const lock = () => execFileSync(process.execPath, [start, program, registry], { env: inherited });
      lock();
      const [cargo = 0, bunny = 0] = medians(15, [
        () => {
          rmSync(join(registry, 'app', 'Cargo.lock'), { force: true });
          execFileSync('cargo', ['generate-lockfile', '--offline', '--quiet'], {
            cwd: join(registry, 'app'),
            env: environment,
          });
        },
        lock,
      ]);
      rows.push([
        `${components} × ${versions}, up to ${dependencies} dependencies`,
        size,
        cargo.toFixed(0),
        bunny.toFixed(0),
        (bunny / cargo).toFixed(2),
      ]);
    }
    table(
      `cargo generate-lockfile --offline, whole process, without NODE_EXTRA_CA_CERTS (node alone takes ${bare.toFixed(0)} ms)`,
      rows,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

// `scripts/bench solve [generated] [growth] [cargo] [debian]`: those named, or all.
const sections = { generated: benchGenerated, growth: benchGrowth, cargo: benchCargo, debian: benchDebian };
const named = process.argv.slice(2);
for (const [name, bench] of Object.entries(sections)) if (named.length === 0 || named.includes(name)) bench();
