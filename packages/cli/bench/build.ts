import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareBuild } from 'bunny-libos-builder';
import { defaultStoreDirectory, Network, Store } from 'bunny-libos-oci';
import { Project } from 'bunny-libos-project';
import { readLocks, shellLine } from 'bunny-libos-spec';
import { ControlGroup, openProjectWork, readLimits, sandboxDriver } from 'bunny-libos-tooling';
import { makeLargeApp } from './large-app.js';
import { race, report } from './measure.js';

// Builds apps for amd64/qemu with Bunny, against the same commands run bare in the same sandbox: fixtures/apps/files
// (three small sources), and one of eight sources of 1,000 lines. Goals: a build with nothing to do takes at most
// 0.25 s, one after a one-line change at most 1.5x.
const bunny = fileURLToPath(new URL('../../bundle/bunny.cjs', import.meta.url));
const fixtures = fileURLToPath(new URL('../../../../fixtures/', import.meta.url));
const files = join(fixtures, 'apps/files');
const place = mkdtempSync(join(tmpdir(), 'bunny-bench-'));
const registry = `oci:${join(place, 'registry')}`;

try {
  run('publish', join(fixtures, 'warren'), '--allow-commands', '--to', registry, '--quiet');
  const small = join(place, 'small');
  cpSync(files, small, { recursive: true });
  await bench('small app', small, join(small, 'src/main.c'));
  const large = join(place, 'large');
  await bench('large app', large, makeLargeApp(files, large));
} finally {
  rmSync(place, { recursive: true, force: true });
}

async function bench(title: string, app: string, changed: string): Promise<void> {
  const bunnyfile = join(app, 'Bunnyfile');
  run('resolve', '-f', bunnyfile, '--from', registry, '--quiet');
  const words = ['build', '-f', bunnyfile, '--arch', 'amd64', '--platform', 'qemu', '--frozen', '--quiet'];
  run(...words);
  const bare = await bareCommands(app, basename(changed));
  const build = { name: 'bunny build', command: [process.execPath, bunny, ...words] };

  const remove = () => {
    rmSync(workOf(app), { recursive: true });
    rmSync(join(app, 'build'), { recursive: true });
  };
  const clean = [
    { name: 'bare commands', command: bare.all },
    { ...build, before: remove },
  ];
  console.log(report(`${title}: clean build`, race(clean, 7)));

  const nothing = [{ name: 'bare ninja', command: bare.ninja }, build];
  console.log(report(`${title}: nothing to do (goal: at most 250 ms)`, race(nothing, 21)));

  const edit = (round: number) => appendFileSync(changed, `/* change ${round} */\n`);
  const line = [
    { name: 'bare commands', command: bare.one, before: edit },
    { ...build, before: edit },
  ];
  console.log(report(`${title}: one-line change (goal: at most 1.5x)`, race(line, 21)));
  rmSync(workOf(app), { recursive: true });
}

/** Where Bunny keeps what it makes for an app. */
function workOf(app: string): string {
  return openProjectWork({ directory: defaultStoreDirectory() }, app);
}

function run(...words: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [bunny, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** The commands of the plan as one shell script in the sandbox: all of them, or those after a change of one file. */
async function bareCommands(
  app: string,
  changed: string,
): Promise<Record<'all' | 'one' | 'ninja', readonly string[]>> {
  const project = await Project.open({
    file: join(app, 'Bunnyfile'),
    network: new Network(),
    signal: new AbortController().signal,
  });
  const [lock] = readLocks(readFileSync(project.lockFile, 'utf8'), project.lockFile);
  const locked = lock?.value.targets.find(({ arch, platform }) => arch === 'amd64' && platform === 'qemu');
  if (locked === undefined) throw new Error('the lock lacks amd64/qemu');
  const { plan, root, closure } = await prepareBuild({
    bunnyfile: project.document,
    directory: project.directory,
    target: locked,
    store: await Store.open(),
    sources: () => [],
  });
  const bare = join(place, `bare-${basename(app)}`);
  mkdirSync(bare);
  for (const each of ['plan', 'work']) {
    const built = join(workOf(app), 'amd64-qemu', each);
    // With its owner, which in the sandbox may be another user than this one.
    execFileSync('cp', ['--archive', built, join(bare, each)]);
  }
  const binds = [
    { from: app, to: '/src' },
    ...closure.map(({ component, directory }) => ({ from: directory, to: `/closure/${component.name}` })),
    { from: join(bare, 'plan'), to: '/plan' },
    { from: join(bare, 'work'), to: '/work', writable: true },
  ];
  let processes = 0;
  const inSandbox = (words: readonly string[]) => {
    const {
      program,
      words: own,
      inputs = [],
    } = sandboxDriver().process({
      command: { root, binds, directory: '/src', command: words },
      limits: readLimits(),
      group: ControlGroup.none,
      name: 'bench',
      scratch: () => place,
    });
    const files = inputs.map((bytes, index) => {
      const file = join(place, `input-${processes}-${index}`);
      if (typeof bytes !== 'number') writeFileSync(file, bytes);
      return file;
    });
    processes += 1;
    const redirections = files.map((file, index) => `${index + 3}<'${file}'`).join(' ');
    return ['env', '-i', 'sh', '-c', `exec "$0" "$@" ${redirections}`, program, ...own];
  };
  const script = (steps: typeof plan.steps) =>
    inSandbox(['sh', '-c', steps.map(({ command }) => shellLine(command)).join(' && ')]);
  const isAffected = ({ kind, inputs }: (typeof plan.steps)[number]) =>
    kind === 'link' || kind === 'post-link' || inputs.some((input) => basename(input) === changed);
  return {
    all: script(plan.steps),
    one: script(plan.steps.filter(isAffected)),
    ninja: inSandbox(['ninja', '-f', '/plan/build.ninja']),
  };
}
