import assert from 'node:assert/strict';
import { readBunnyfile } from 'bunny-libos-spec';
import { baseReferences, givenBases, repositoryOf } from './bases.js';

describe('base references', () => {
  const former = process.env.BUNNY_REGISTRY;

  afterEach(() => {
    if (former === undefined) delete process.env.BUNNY_REGISTRY;
    else process.env.BUNNY_REGISTRY = former;
  });

  const document = (more = '') =>
    readBunnyfile(`version: v0.1\nname: app\nplatforms: { framework: burrow }\n${more}`, 'Bunnyfile');

  it('are those of the command line, then those of the Bunnyfile, then those of the environment', () => {
    process.env.BUNNY_REGISTRY = 'env.example/libos other.example/libos,third.example/libos';
    const inFile = document('registries: [file.example/libos]\n');
    assert.deepEqual(baseReferences(['line.example/libos'], inFile, '/app'), ['line.example/libos']);
    assert.deepEqual(baseReferences([], inFile, '/app'), []);
    assert.deepEqual(baseReferences(undefined, inFile, '/app'), [{ ref: 'file.example/libos', mirrors: [] }]);
    assert.deepEqual(baseReferences(undefined, document(), '/app'), [
      'env.example/libos',
      'other.example/libos',
      'third.example/libos',
    ]);
    delete process.env.BUNNY_REGISTRY;
    assert.deepEqual(givenBases(undefined), []);
  });

  it('name layouts from the directory of the Bunnyfile, as the lock does', () => {
    assert.deepEqual(baseReferences(['oci:/app/registry'], document(), '/app'), ['oci:/app/registry']);
    const [here] = baseReferences(['oci:registry'], document(), `${process.cwd()}/below`);
    assert.equal(here, 'oci:../registry');
  });

  it('are refused where they stand', () => {
    const refused = document('registries: [good.example/libos, "bad example"]\n');
    assert.throws(() => baseReferences(undefined, refused, '/app'), {
      code: 'BUNNY_EREFERENCE',
      where: { file: 'Bunnyfile', line: 4, column: 34 },
    });
    assert.throws(() => givenBases(['bad example']), { code: 'BUNNY_EREFERENCE', where: '--from' });
    process.env.BUNNY_REGISTRY = 'bad:example:';
    assert.throws(() => givenBases(undefined), { code: 'BUNNY_EREFERENCE', where: 'BUNNY_REGISTRY' });
  });

  it('are repositories without tag and digest', () => {
    assert.equal(repositoryOf('host.example/libos/libc:1.2.0'), 'host.example/libos/libc');
    assert.equal(repositoryOf('oci:registry:libos/libc:1.2.0'), 'oci:registry:libos/libc');
    assert.equal(repositoryOf('oci:hello:1.0'), 'oci:hello');
  });
});
