import assert from 'node:assert/strict';
import { BunnyError } from '../errors/errors.js';
import { readComponent } from './read-component.js';

const head = 'framework: linux\nname: kernel\nversion: 1.0.0\nmatrix: { arch: [amd64], platform: [qemu] }\n';

function refused(files: string): BunnyError {
  try {
    readComponent(`${head}files: [${files}]\n`, 'component.yaml');
  } catch (error) {
    if (error instanceof BunnyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'accepted' });
}

describe('files of a component', () => {
  it('are missing where there are none: what hashes hold is as it was', () => {
    assert.ok(!('files' in readComponent(head, 'component.yaml').value));
  });

  it('are written with plain paths', () => {
    const text = `${head}files: [{ file: ./vmlinuz, name: kernel }, { directory: lib/, rootfs: lib//modules/./, executable: true, when: { arch: x86_64 } }]\n`;
    assert.deepEqual(readComponent(text, 'component.yaml').value.files, [
      { file: 'vmlinuz', name: 'kernel' },
      { directory: 'lib', rootfs: '/lib/modules', executable: true, when: { arch: 'amd64' } },
    ]);
  });

  const wrong: [string, string, RegExp][] = [
    ['{ name: kernel }', 'BUNNY_ETYPE', /it names a `file`, or a `directory`/],
    ['{ file: a, directory: b, rootfs: / }', 'BUNNY_ETYPE', /it names a `file`, or a `directory`/],
    ['{ file: a }', 'BUNNY_ETYPE', /nothing is done with it/],
    ['{ directory: a, name: kernel }', 'BUNNY_ETYPE', /a variable is one file/],
    ['{ file: a, rootfs: /../etc }', 'BUNNY_EPATH', /the path leaves the root/],
    ['{ file: a, rootfs: / }', 'BUNNY_EPATH', /a file cannot be the root/],
    ['{ file: ../a, rootfs: /a }', 'BUNNY_EPATH', /\.\./],
    ['{ file: a, name: "no name" }', 'BUNNY_ETYPE', /name/],
  ];
  for (const [files, code, message] of wrong) {
    it(`refuse ${files}`, () => {
      const error = refused(files);
      assert.match(error.message, message);
      assert.equal(error.code, code);
    });
  }
});
