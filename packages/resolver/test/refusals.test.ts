import assert from 'node:assert/strict';
import { annotations } from 'bunny-libos-spec';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { alterIndex, Publisher, readEntries } from 'bunny-libos-testing/frameworks/burrow.js';
import { closure, Project } from './project.js';

describe('resolving refuses', () => {
  let publisher: Publisher;
  let project: Project;

  before(async () => {
    publisher = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    await publisher.tooling('1.0.0', {
      capabilities: { alloc: { default: 'buddy', providers: ['buddy'] }, tls: { providers: [] } },
      settings: {
        arch: { values: ['amd64', 'arm64'] },
        platform: { values: ['qemu'] },
        lto: { values: [false, true], default: false },
      },
    });
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
      await publisher.component('libc', version, { options: [{ fast: false }, { fast: true }] });
    }
    await publisher.component('buddy', '1.0.0', { provides: { alloc: '1.0.0' } });
    await publisher.component('selfish', '1.0.0', { dependencies: { selfish: '^1.0' } });
    await publisher.component('secure', '1.0.0', { dependencies: { tls: '*' } });
    await publisher.component('server', '1.0.0', { dependencies: { secure: '*' } });
    await publisher.component('ring-a', '1.0.0', { dependencies: { 'ring-b': '*' } });
    await publisher.component('ring-b', '1.0.0', { dependencies: { 'ring-a': '*' } });
    await publisher.component('gic', '1.0.0', { settings: [{ arch: 'arm64' }] });
    await publisher.component('slow', '1.0.0', {
      dependencies: { libc: { version: '*', options: { fast: false } } },
    });
    await publisher.component('quick', '1.0.0', {
      dependencies: { libc: { version: '*', options: { fast: true } } },
    });
    await publisher.component('plain', '1.0.0', { settings: [{ lto: false }] });
    await publisher.component('linked', '1.0.0', { settings: [{ lto: true }] });
  });

  beforeEach(async () => {
    project = await Project.make(publisher.base);
  });

  /** All that is said of a refusal, as one text. */
  async function said(code: string, lines: string): Promise<string> {
    const { message, details, hint } = await project.refused(code, lines);
    return [message, ...details, hint ?? ''].join('\n');
  }

  it('a component that does not exist, and names what is near', async () => {
    const text = await said('BUNNY_ENOSOLUTION', 'dependencies: { libc: "*", lib: "*" }');
    assert.match(text, /\blib\b/);
    assert.match(text, /did you mean libc/);
  });

  it('a range that matches nothing, and shows the versions that there are', async () => {
    const text = await said('BUNNY_ENOSOLUTION', 'dependencies: { libc: ^1.5 }');
    assert.match(text, /libc \^1\.5/);
    for (const version of ['1.0.0', '1.1.0', '2.0.0'])
      assert.match(text, new RegExp(version.replaceAll('.', '\\.')));
  });

  it('a component that depends on itself', async () => {
    assert.match(await said('BUNNY_ENOSOLUTION', 'dependencies: { selfish: "*" }'), /selfish/);
  });

  it('components that depend on each other in a circle', async () => {
    const text = await said('BUNNY_ENOSOLUTION', 'dependencies: { ring-a: "*" }');
    assert.match(text, /ring-a/);
    assert.match(text, /ring-b/);
  });

  it('a capability with no provider, and says who needs it', async () => {
    const text = await said('BUNNY_ENOSOLUTION', 'dependencies: { server: "*" }');
    assert.match(text, /secure/);
    assert.match(text, /tls/);
  });

  it('a component that was built for another architecture only, and says which', async () => {
    const text = await said('BUNNY_ENOSOLUTION', 'dependencies: { gic: "*" }');
    assert.match(text, /gic/);
    assert.match(text, /arm64/);
    const other = await project.resolve('dependencies: { gic: "*" }', { filter: { arch: ['arm64'] } });
    assert.deepEqual(closure(other), ['gic 1.0.0']);
  });

  it('what goes wrong with one dependency, at its place', async () => {
    const line = async (lines: string) =>
      ((await project.refused('BUNNY_ENOSOLUTION', lines)).where as { line: number }).line;
    const together = ['dependencies:', '  buddy: "*"', '  slow: "*"', '  quick: "*"', ''].join('\n');
    const alone = ['dependencies:', '  buddy: "*"', '  libc: ^1.5', ''].join('\n');
    const [first, one] = [await line(together), await line(alone)];
    assert.equal(one, first + 1, 'the range, where the other stands at all dependencies');
  });

  it('an option that does not exist, at its place', async () => {
    const refusal = await project.refused(
      'BUNNY_EOPTION',
      'dependencies: { libc: "*" }\noptions: { libc: { fats: true } }',
    );
    assert.equal(refusal.message, 'libc has no option fats');
    assert.equal(refusal.hint, 'did you mean "fast"?');
    assert.equal((refusal.where as { line: number }).line, 5);
    const inline = await project.refused(
      'BUNNY_EOPTION',
      'dependencies: { libc: { version: "*", options: { fats: true } } }',
    );
    assert.equal((inline.where as { line: number }).line, 4);
  });

  it('an option of a component that nobody needs, unless it could exist', async () => {
    await project.refused('BUNNY_ENOTFOUND', 'dependencies: { libc: "*" }\noptions: { lbc: { fast: true } }');
    const ofCapability = await project.refused(
      'BUNNY_ENOTFOUND',
      'dependencies: { buddy: "*" }\noptions: { alloc: { fast: true } }',
    );
    assert.equal(ofCapability.hint, 'alloc is provided by buddy: give them to buddy');
    await project.refused('BUNNY_EOPTION', 'dependencies: { gic: "*" }\noptions: { libc: { fats: true } }', {
      filter: { arch: ['arm64'] },
    });
    const { warnings } = await project.resolve(
      'dependencies: { plain: "*" }\noptions: { libc: { fast: true } }',
    );
    assert.deepEqual(warnings, ['the options of libc do nothing: libc is not in the closure']);
  });

  it('a choice of a provider that chooses nothing', async () => {
    const refused = (choice: string) =>
      project.refused('BUNNY_ENOTFOUND', `dependencies: { libc: "*" }\nproviders: { ${choice} }`);
    const capability = await refused('aloc: buddy');
    assert.equal(capability.message, 'burrow has no capability aloc that buddy provides');
    assert.equal(capability.hint, 'did you mean "alloc"?');
    assert.equal((capability.where as { line: number }).line, 5);
    const provider = await refused('alloc: budy');
    assert.equal(provider.message, 'there is no component budy to provide alloc');
    assert.equal(provider.hint, 'did you mean "buddy"?');
    assert.equal((await refused('tls: buddy')).message, 'buddy does not provide tls');
    const { warnings } = await project.resolve('dependencies: { libc: "*" }\nproviders: { alloc: buddy }');
    assert.deepEqual(warnings, ['the choice of buddy for alloc does nothing: no closure needs alloc']);
    const needed = await project.resolve('dependencies: { alloc: "*" }\nproviders: { alloc: buddy }');
    assert.deepEqual(needed.warnings, []);
  });

  it('options of a component with the name of what every object has', async () => {
    const refusal = await project.refused(
      'BUNNY_ENOTFOUND',
      'dependencies: { libc: "*" }\noptions: { constructor: { a: 1 } }',
    );
    assert.equal(refusal.message, 'there is no component constructor to have options');
  });

  it('two wishes for one option', async () => {
    const text = await said('BUNNY_ENOSOLUTION', 'dependencies: { slow: "*", quick: "*" }');
    assert.match(text, /slow/);
    assert.match(text, /quick/);
    assert.match(text, /fast/);
  });

  it('an option that the Bunnyfile wants otherwise than a component does', async () => {
    const lines = 'dependencies: { slow: "*", libc: "*" }\noptions: { libc: { fast: true } }';
    const text = await said('BUNNY_ENOSOLUTION', lines);
    assert.match(text, /Bunnyfile asks for any libc with fast=true/);
    assert.match(text, /slow 1\.0\.0 needs any libc with fast=false/);
  });

  it('an option that the Bunnyfile wants of what others need, and says that it does', async () => {
    const text = await said(
      'BUNNY_ENOSOLUTION',
      'dependencies: { slow: "*" }\noptions: { libc: { fast: true } }',
    );
    assert.match(text, /slow 1\.0\.0 needs any libc with fast=false/);
    assert.match(text, /Bunnyfile asks for libc with fast=true, wherever it is needed/);
    assert.match(text, /no libc meets both lines/);
    assert.match(text, /ask for libc without fast=true/);
  });

  it('to search for ever', async () => {
    const maze = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    await maze.tooling();
    // Whatever is chosen, d needs an older a.
    const names = ['a', 'b', 'c', 'd'];
    for (const [index, name] of names.entries()) {
      const next = names[index + 1];
      for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
        await maze.component(name, version, {
          dependencies: next === undefined ? { a: `<${version}` } : { [next]: `<=${version}` },
        });
      }
    }
    const lost = await Project.make(maze.base);
    const refusal = await lost.refused('BUNNY_ENOSOLUTION', 'dependencies: { a: "*" }', { budget: 1 });
    assert.match([refusal.message, ...refusal.details].join('\n'), /decision/);
    await lost.refused('BUNNY_ENOSOLUTION', 'dependencies: { a: "*" }');
  });

  it('settings that contradict each other, or that do not exist', async () => {
    const text = await said('BUNNY_ENOSOLUTION', 'dependencies: { plain: "*", linked: "*" }');
    assert.match(text, /linked/);
    assert.match(text, /lto/);
    const lto = await project.resolve('dependencies: { linked: "*" }\nsettings: { lto: true }');
    assert.deepEqual(closure(lto), ['linked 1.0.0']);
    await project.refused('BUNNY_ESETTING', 'settings: { ltoo: true }');
    await project.refused('BUNNY_ESETTING', 'settings: { lto: maybe }');
  });

  it('conditions that no target could meet', async () => {
    const name = await project.refused(
      'BUNNY_ESETTING',
      'dependencies: { libc: { version: "*", when: { platfrm: qemu } } }',
    );
    assert.equal(name.hint, 'did you mean "platform"?');
    assert.equal((name.where as { line: number }).line, 4);
    await project.refused('BUNNY_ESETTING', 'dependencies: { libc: { when: { platform: qmeu } } }');
  });

  it('a target that the framework does not have, at its place', async () => {
    const { where } = await project.refused('BUNNY_ETARGET', 'targets:\n  - amd64/qemu\n  - amd64/kvm');
    assert.deepEqual([(where as { line: number }).line, (where as { column: number }).column], [6, 5]);
  });

  it('metadata that contradicts its hash, or its place', async () => {
    const altered = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    await altered.tooling();
    const [variant] = await altered.component('libc', '1.0.0');
    assert.ok(variant !== undefined);
    const target = altered.repository('libc');
    const [entry] = await readEntries(target, '1.0.0');
    assert.ok(entry !== undefined);
    const withNotes = (change: Record<string, string>) => ({
      ...entry,
      annotations: { ...entry.annotations, ...change },
    });
    const identity = JSON.stringify({ ...variant.identity, provides: { alloc: '1.0.0' } });
    await alterIndex(target, '1.0.0', [withNotes({ [annotations.identity]: identity })]);
    const one = await Project.make(altered.base);
    const refusal = await one.refused('BUNNY_EMETADATA', 'dependencies: { libc: "*" }');
    assert.match(refusal.message, /the identity of libc 1\.0\.0 has the layer hash sha256:\w+, not sha256:/);

    // An index that agrees with itself, but not with the manifest.
    const layer = JSON.stringify({ digest: `sha256:${'d'.repeat(64)}`, size: 1 });
    await alterIndex(target, '1.0.0', [withNotes({ [annotations.layer]: layer })]);
    const two = await Project.make(altered.base);
    assert.match(
      (await two.refused('BUNNY_EMETADATA', 'dependencies: { libc: "*" }')).message,
      /index entry of libc 1\.0\.0 contradicts its manifest/,
    );

    // The manifest of one component under the name of another.
    const [net] = await altered.component('net', '1.0.0');
    assert.ok(net !== undefined);
    await alterIndex(target, '1.0.0', await readEntries(altered.repository('net'), '1.0.0'));
    await altered
      .repository('libc')
      .tag(
        { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...net.manifest },
        `3.0.0_${'e'.repeat(16)}`,
      );
    const three = await Project.make(altered.base);
    const misplaced = await three.refused('BUNNY_EMETADATA', 'dependencies: { libc: ^3.0 }');
    assert.match(misplaced.message, /this tag holds another variant/);
  });

  it('nothing because of an index that is missing or lags behind: the variant tags are the truth', async () => {
    const lagging = new Publisher(`oci:${await temporaryDirectory('resolver')}`);
    await lagging.tooling();
    const [plain, fast] = await lagging.component('libc', '1.0.0', {
      options: [{ fast: false }, { fast: true }],
    });
    assert.ok(plain !== undefined && fast !== undefined);
    const target = lagging.repository('libc');
    const entries = await readEntries(target, '1.0.0');
    await alterIndex(
      target,
      '1.0.0',
      entries.filter(({ digest }) => digest === plain.manifest.digest),
    );
    const one = await Project.make(lagging.base);
    const found = await one.resolve('dependencies: { libc: { version: "*", options: { fast: true } } }');
    assert.equal(found.wanted[0]?.components[0]?.layerHash, fast.layerHash);
  });
});
