import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareBuild } from '@bunny/builder';
import { Store } from '@bunny/oci';
import { readLock } from '@bunny/spec';
import { sandboxDriver, shellLine } from '@bunny/tooling';
import { openProject } from '../src/workspace.js';
import { race, report } from './measure.js';

// Builds fixtures/apps/files for amd64/qemu with Bunny, against the same commands run bare in the same
// sandbox. Goals: a build with nothing to do takes at most 0.25 s, one after a one-line change at most 1.5x.
const bunny = fileURLToPath(new URL('../../bundle/bunny.cjs', import.meta.url));
const fixtures = fileURLToPath(new URL('../../../../fixtures/', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'bunny-bench-'));
const app = join(place, 'app');
const bareWork = join(place, 'bare');
const changed = join(app, 'src/main.c');

function run(...words: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [bunny, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const target = ['--arch', 'amd64', '--platform', 'qemu'];
const build = [
  process.execPath,
  bunny,
  'build',
  '-f',
  join(app, 'Bunnyfile'),
  ...target,
  '--frozen',
  '--quiet',
];

try {
  run('publish', join(fixtures, 'warren'), '--to', `oci:${join(place, 'registry')}`, '--quiet');
  cpSync(join(fixtures, 'apps/files'), app, { recursive: true });
  run('resolve', '-f', join(app, 'Bunnyfile'), '--from', `oci:${join(place, 'registry')}`, '--quiet');

  const bare = await bareCommands();
  const work = join(app, '.bunny');
  const clean = race(
    [
      { name: 'bare commands', command: bare.all },
      {
        name: 'bunny build',
        command: build,
        before: () => {
          rmSync(work, { recursive: true, force: true });
          rmSync(join(app, 'build'), { recursive: true, force: true });
        },
      },
    ],
    15,
  );
  console.log(report('clean build', clean));

  const nothing = race(
    [
      { name: 'bare ninja', command: bare.ninja },
      { name: 'bunny build', command: build },
    ],
    21,
  );
  console.log(report('nothing to do (goal: at most 250 ms)', nothing));

  const edit = (round: number) => appendFileSync(changed, `/* change ${round} */\n`);
  const line = race(
    [
      { name: 'bare commands', command: bare.one, before: edit },
      { name: 'bunny build', command: build, before: edit },
    ],
    21,
  );
  console.log(report('one-line change (goal: at most 1.5x)', line));
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** The commands of the plan as one shell script in the sandbox: all of them, or those after a change of one file. */
async function bareCommands(): Promise<Record<'all' | 'one' | 'ninja', readonly string[]>> {
  run(...build.slice(2));
  const project = await openProject(join(app, 'Bunnyfile'), {});
  const lock = readLock(readFileSync(project.lockFile, 'utf8'), project.lockFile).value;
  const locked = lock.targets.find(({ arch, platform }) => arch === 'amd64' && platform === 'qemu');
  if (locked === undefined) throw new Error('the lock lacks amd64/qemu');
  const { plan, root, closure } = await prepareBuild({
    bunnyfile: project.document,
    directory: project.directory,
    target: locked,
    store: await Store.open(),
    sources: () => [],
  });
  mkdirSync(bareWork);
  cpSync(join(app, '.bunny/amd64-qemu'), bareWork, { recursive: true, preserveTimestamps: true });
  const binds = [
    { from: app, to: '/src' },
    ...closure.map(({ component, directory }) => ({ from: directory, to: `/closure/${component.name}` })),
    { from: bareWork, to: '/work', writable: true },
  ];
  const inSandbox = (command: readonly string[]) =>
    sandboxDriver().hostCommand({ root, binds, directory: '/src', command });
  const script = (steps: typeof plan.steps) =>
    inSandbox(['sh', '-c', steps.map(({ command }) => shellLine(command)).join(' && ')]);
  const isAffected = ({ kind, inputs }: (typeof plan.steps)[number]) =>
    kind === 'link' || kind === 'post-link' || inputs.some((input) => input.endsWith('main.c'));
  return {
    all: script(plan.steps),
    one: script(plan.steps.filter(isAffected)),
    ninja: inSandbox(['ninja', '-f', '/work/build.ninja']),
  };
}
