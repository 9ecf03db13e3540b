import assert from 'node:assert/strict';
import { canonicalJson, layerHash, sha256 } from '../documents/canonical.js';
import type { ToolingDocument, ToolingIdentity, ToolingRules } from '../documents/tooling.js';
import { BunnyError } from '../errors/errors.js';
import { readTooling } from './read-tooling.js';
import { readToolingDocument } from './read-tooling-document.js';

const source = `framework: warren
version: 1.0.0
abi: warren-1
rootfs: { command: { run: sh make-root.sh, inputs: [packages.list] } }
settings:
  smp: [false, true]
capabilities:
  alloc: alloc-bump
  sched: { default: sched-coop, providers: [sched-rr] }
variables:
  cflags: [-O2, -g, { words: -mno-red-zone, when: { arch: x86_64 } }, -Wall]
languages:
  c: { files: '*.c', compile: gcc -c $in -o $out, depfile: gcc }
x-target: &target
  link: ld $objects
  monitor: { command: qemu -kernel $image, exit: { offset: 1, factor: 2 } }
targets:
  - { arch: x86_64, platform: qemu, <<: *target }
  - { arch: arm64, platform: qemu, <<: *target, entry: boot }
`;

function refused(read: () => unknown): BunnyError {
  try {
    read();
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

function rulesOf(text: string): ToolingRules {
  const { rootfs: _, ...rules } = readTooling(text, 'tooling.yaml').value;
  return rules;
}

function documentOf(rules: ToolingRules, change: Partial<ToolingIdentity> = {}): ToolingDocument {
  const identity: ToolingIdentity = {
    schema: 'https://bunny-libos.github.io/schema/tooling-identity/v1',
    framework: rules.framework,
    version: rules.version,
    abi: rules.abi,
    rules: sha256(canonicalJson(rules)),
    rootfs: [sha256('layer')],
    ...change,
  };
  return {
    schema: 'https://bunny-libos.github.io/schema/tooling/v1',
    identity,
    layerHash: layerHash(identity),
    rules,
  };
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('tooling.yaml', () => {
  const { value } = readTooling(source, 'tooling.yaml');

  it('derives arch and platform from the targets', () => {
    assert.deepEqual(value.settings, {
      arch: { values: ['amd64', 'arm64'] },
      platform: { values: ['qemu'] },
      smp: { values: [false, true] },
    });
  });

  it('writes short forms out', () => {
    assert.deepEqual(value.rootfs, { command: { run: ['sh', 'make-root.sh'], inputs: ['packages.list'] } });
    assert.deepEqual(value.capabilities, {
      alloc: { default: 'alloc-bump', providers: ['alloc-bump'] },
      sched: { default: 'sched-coop', providers: ['sched-coop', 'sched-rr'] },
    });
    assert.deepEqual(value.variables, {
      cflags: [
        { words: ['-O2', '-g'] },
        { words: '-mno-red-zone', when: { arch: 'amd64' } },
        { words: ['-Wall'] },
      ],
    });
    assert.deepEqual(value.languages.c, {
      files: ['*.c'],
      compile: 'gcc -c $in -o $out',
      depfile: 'gcc',
      includeFlag: '-I',
      defineFlag: '-D',
      implies: {},
    });
  });

  it('keeps what is said of types, and says nothing where nothing is said', () => {
    assert.equal(Object.hasOwn(value, 'types'), false);
    const types = { flags: '-g', describe: 'abidw $objects $out', compare: ['abidiff', '$in'] };
    const read = readTooling(`${source}types: ${JSON.stringify(types)}\n`, 'tooling.yaml');
    assert.deepEqual(read.value.types, types);
  });

  it('fills the defaults of targets in, and merges anchors', () => {
    assert.deepEqual(value.targets[1], {
      arch: 'arm64',
      platform: 'qemu',
      variables: {},
      link: 'ld $objects',
      entry: 'boot',
      scriptFlag: '-T',
      defaultScriptFlag: '-T',
      base: {},
      generate: [],
      appDefines: [],
      postLink: [],
      artifacts: ['elf'],
      monitor: {
        command: 'qemu -kernel $image',
        rootfs: [],
        arguments: [],
        memory: 64,
        exit: { offset: 1, factor: 2 },
      },
    });
  });

  it('says where settings and targets disagree', () => {
    const error = refused(() =>
      readTooling(
        `${source}  - { arch: amd64, platform: qemu, <<: *target }\n`.replace(
          'smp: [false, true]',
          'smp: { values: [1, 2], default: 3 }\n  platform: [kvm, qemu]\n  arch: [amd64]',
        ),
        'tooling.yaml',
      ),
    );
    assert.equal(error.code, 'BUNNY_EOPTION');
    assert.equal(error.message, 'settings.smp.default: 3 is not one of its values');
    assert.deepEqual(
      error.details.map((line) => line.replace(/ \(.*/, '')),
      [
        'tooling.yaml:21:13: BUNNY_EOPTION: targets[1].arch: "arm64" is not a value of the setting arch',
        'tooling.yaml:22:5: BUNNY_EOPTION: targets[2]: amd64/qemu is listed twice',
      ],
    );
  });

  it('tells a misspelt key before all that it leads to', () => {
    const error = refused(() => readTooling(source.replace('languages:', 'langauges:'), 'tooling.yaml'));
    assert.equal(error.code, 'BUNNY_EUNKNOWNKEY');
    assert.equal(error.hint, 'did you mean "languages"?');
    assert.deepEqual(error.details, []);
  });

  it('refuses conditions that can never hold', () => {
    const refusal = (condition: string) =>
      refused(() => readTooling(source.replace('{ arch: x86_64 } }', `${condition} }`), 'tooling.yaml'));
    const name = refusal('{ smpp: true }');
    assert.equal(name.code, 'BUNNY_ESETTING');
    assert.equal(name.message, 'variables.cflags[2].when: warren has no setting "smpp"');
    assert.equal(name.hint, 'did you mean "smp"?');
    assert.deepEqual(name.where, { file: 'tooling.yaml', line: 11, column: 53 });
    assert.equal(refusal('{ smp: 7 }').message, 'variables.cflags[2].when.smp: 7 is not one of false, true');
    assert.equal(
      refusal('{ arch: [arm64, mips] }').message,
      'variables.cflags[2].when.arch[1]: "mips" is not one of "amd64", "arm64"',
    );
    const step = '\n  postLink: [{ name: strip, command: x, when: { platform: qmu } }]\ntargets:';
    assert.equal(
      refused(() => readTooling(source.replace('\ntargets:', step), 'tooling.yaml')).message,
      'targets[0].postLink[0].when.platform: "qmu" is not one of "qemu"',
    );
  });

  it('refuses artifacts that nobody makes, and symbols that nothing defines', () => {
    const refusal = (line: string) =>
      refused(() => readTooling(source.replace('\ntargets:', `\n  ${line}\ntargets:`), 'tooling.yaml'));
    const type = refusal('artifacts: [elff]');
    assert.equal(type.code, 'BUNNY_EARTIFACT');
    assert.equal(type.hint, 'did you mean "elf"?');
    assert.equal(
      refusal('generate: [{ name: n, command: x, output: n.c, defines: [warren components] }]').message,
      '"warren components" cannot be the name of a symbol',
    );
    assert.equal(refusal('appDefines: [main loop]').code, 'BUNNY_ENAME');
    assert.equal(refusal('linkDefines: ["heap limit"]').code, 'BUNNY_ENAME');
  });

  it('tells a mistake behind an anchor once', () => {
    const text = `framework: f
version: 1.0.0
abi: f-1
rootfs: { directory: r }
languages: { c: { files: '*.c', compile: cc } }
targets:
  - { arch: amd64, platform: p, link: l, monitor: { command: m }, artifacts: &types [elff] }
  - { arch: arm64, platform: p, link: l, monitor: { command: m }, artifacts: *types }
`;
    const { code, details } = refused(() => readTooling(text, 'tooling.yaml'));
    assert.deepEqual([code, details], ['BUNNY_EARTIFACT', []]);
  });

  it('takes just one source of the root filesystem', () => {
    const error = refused(() =>
      readTooling(source.replace('{ command', '{ image: a/b, command'), 'tooling.yaml'),
    );
    assert.equal(error.message, 'rootfs: must have just one key, not image and command');
  });
});

describe('tooling.json', () => {
  const rules = rulesOf(source);

  it('reads back what was written', () => {
    const document = documentOf(rules);
    assert.deepEqual(readToolingDocument(encode(document), 'sha256:…'), document);
  });

  it('refuses rules and identities that contradict their hashes', () => {
    const forged = { ...documentOf(rules), layerHash: sha256('other') };
    const error = refused(() => readToolingDocument(encode(forged), 'registry/warren/tooling'));
    assert.equal(error.code, 'BUNNY_EMETADATA');
    assert.equal(error.where, 'registry/warren/tooling');
    assert.equal(error.exitStatus, 3);

    const swapped = { ...documentOf(rules), rules: { ...rules, abi: 'warren-2' } };
    const messages = refused(() => readToolingDocument(encode(swapped), 'r'));
    assert.match(messages.message, /the rules have the hash/);
    assert.match(messages.details[0] ?? '', /identity is of abi warren-1, the rules are of warren-2/);

    const renamed = documentOf(rules, { version: '9.9.9' });
    assert.match(refused(() => readToolingDocument(encode(renamed), 'r')).message, /version 9.9.9/);
  });

  it('refuses what is not JSON or not UTF-8', () => {
    assert.equal(refused(() => readToolingDocument(encode('{').slice(0, 2), 'r')).code, 'BUNNY_EJSON');
    assert.equal(
      refused(() => readToolingDocument(Uint8Array.of(0x22, 0xff, 0x22), 'r')).code,
      'BUNNY_EJSON',
    );
    assert.equal(refused(() => readToolingDocument(encode([]), 'r')).message, 'must be a map, not a list');
  });
});
