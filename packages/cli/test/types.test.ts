import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { attachText } from 'bunny-libos-namespace';
import { manifestType, openTarget } from 'bunny-libos-oci';
import { mediaTypes } from 'bunny-libos-spec';
import { bunny, bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTypedTooling } from 'bunny-libos-testing/frameworks/typed.js';
import { warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { layoutTags } from 'bunny-libos-testing/registries/layout-tags.js';

const header = `struct point { int x; };
int point_x(struct point *);
int point_move(int);
`;
const source = `#include <point.h>
int point_x(struct point *p) { return p->x; }
`;
const moves = 'int point_move(int by) { return by; }\n';

interface Manifest {
  artifactType?: string;
  subject?: { digest: string };
  layers: { digest: string }[];
}

describe('compatibility of versions, by their types', function () {
  this.timeout(120_000);
  let store: string;
  let directory: string;
  let registry: string;

  const blobFile = (digest: string, place = directory) => join(place, 'blobs', digest.replace(':', '/'));
  const blob = async (digest: string, place = directory) => await readFile(blobFile(digest, place), 'utf8');
  const manifestOf = async (digest: string, place = directory) =>
    JSON.parse(await blob(digest, place)) as Manifest;
  /** What refers to a manifest. */
  const attachedTo = async (digest: string, place = directory) => {
    const all = JSON.parse(await readFile(join(place, 'index.json'), 'utf8')) as {
      manifests: { digest: string }[];
    };
    const manifests = await Promise.all(all.manifests.map((each) => manifestOf(each.digest, place)));
    return manifests.filter(({ subject }) => subject?.digest === digest);
  };
  const tagOf = async (version: string, to = directory) => {
    const tags = await layoutTags(to);
    return [...tags].find(([name]) => name.startsWith(`typed/point:${version}_`))?.[1] ?? '';
  };
  const reference = (version: string) => `${registry}:typed/point:${version}`;

  /** The directory of a version of a component with two objects. `files`: what is otherwise. */
  async function point(version: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
    const place = await temporaryDirectory('point');
    await writeFiles(place, {
      'component.yaml': [
        'framework: typed',
        'name: point',
        `version: ${version}`,
        'sources: [src/**/*.c]',
        'include: [include]',
        'affectedBy: [arch]',
        'matrix: { arch: [amd64] }',
        '',
      ].join('\n'),
      'include/point.h': header,
      'src/point.c': source,
      'src/move.c': `#include <point.h>\n${moves}`,
      ...files,
    });
    return place;
  }
  const publish = async (place: string, ...more: string[]) =>
    await bunnyDone(['publish', place, ...(more.includes('--to') ? [] : ['--to', registry]), ...more], {
      store,
    });
  const refused = async (...places: string[]) =>
    await bunnyError(['publish', ...places, '--to', registry], { store });

  const grown = { 'include/point.h': header.replace('int x;', 'int x; int y;') };
  const widened = {
    'include/point.h': header.replace('point_move(int)', 'point_move(int, int)'),
    'src/move.c': '#include <point.h>\nint point_move(int by, int times) { return by * times; }\n',
  };

  before(async function () {
    this.timeout(warrenTimeout);
    const from = await warren();
    store = from.store;
    const place = await temporaryDirectory('typed');
    directory = join(place, 'registry');
    registry = `oci:${directory}`;
    await writeTypedTooling(join(place, 'tooling'), from.directory);
    await publish(join(place, 'tooling'));
    await publish(await point('1.0.0'));
  });

  it('attaches a description to the variant and leaves what it is made of alone', async () => {
    const digest = await tagOf('1.0.0');
    const attached = await attachedTo(digest);
    assert.deepEqual(
      attached.map(({ artifactType }) => artifactType),
      ['application/vnd.bunny.types.v1'],
    );
    const text = await blob(attached[0]?.layers[0]?.digest ?? '');
    assert.match(text, /<class-decl name='point' size-in-bits='32'/);
    assert.match(text, /<function-decl name='point_move'/);
    const layer = (await manifestOf(digest)).layers[0]?.digest ?? '';
    const files = gunzipSync(await readFile(blobFile(layer))).toString('latin1');
    assert.match(files, /objects\/src\/point\.c\.o/);
    assert.doesNotMatch(files, /\.debug_info|types/);
  });

  it('writes the same description elsewhere', async () => {
    const other = join(await temporaryDirectory('typed'), 'registry');
    await publish(join(directory, '../tooling'), '--to', `oci:${other}`);
    await publish(await point('1.0.0'), '--to', `oci:${other}`);
    assert.equal(await tagOf('1.0.0', other), await tagOf('1.0.0'));
    const digests = async (place: string) =>
      (await attachedTo(await tagOf('1.0.0'), place)).map(({ layers }) => layers);
    assert.deepEqual(await digests(other), await digests(directory));
  });

  it('refuses a structure that grows', async () => {
    const error = await refused(await point('1.1.0', grown));
    assert.deepEqual([error.code, error.status], ['BUNNY_EBREAKING', 1]);
    assert.equal(
      error.message,
      'point 1.1.0 has other types than 1.0.0, which it claims to be compatible with',
    );
    assert.match(
      error.details?.join('\n') ?? '',
      /point 1\.1\.0 \(amd64\): .*type size changed from 32 to 64/,
    );
    assert.match(error.hint ?? '', /publish it as 2\.0\.0, or leave the types as they were/);
    assert.equal(await tagOf('1.1.0'), '');
  });

  it('compares with a version that is given along and published already', async () => {
    const error = await refused(await point('1.0.0'), await point('1.1.0', grown));
    assert.match(error.message, /^point 1\.1\.0 has other types than 1\.0\.0/);
  });

  it('refuses a function that keeps its name and changes its arguments', async () => {
    const error = await refused(await point('1.1.0', widened));
    assert.equal(error.code, 'BUNNY_EBREAKING');
    assert.match(error.details?.join('\n') ?? '', /function int point_move\(int\)/);
  });

  it('lets a structure grow that no public header declares', async () => {
    const opaque = (members: string) => ({
      'include/point.h': `${header}struct line;\nint line_length(struct line *);\n`,
      'src/line.h': `struct line { ${members} };\n`,
      'src/line.c':
        '#include <point.h>\n#include "line.h"\nint line_length(struct line *l) { return l->length; }\n',
    });
    await publish(await point('3.0.0', opaque('int length;')));
    await publish(await point('3.1.0', opaque('int length; int width;')));
  });

  it('lets through what moves, comes, or goes without being used, and what claims no compatibility', async () => {
    const moved = { 'src/point.c': source + moves, 'src/move.c': 'int point_new(void) { return 1; }\n' };
    await publish(await point('1.2.0', moved));
    const { stderr } = await publish(
      await point('1.3.0', { 'src/move.c': '', 'src/types/more.c': 'int more;\n' }),
    );
    assert.match(stderr, /point_move, point_new of 1\.2\.0 are gone/);
    await publish(await point('2.0.0', grown));
  });

  it('is shown by check-abi, and waived with a reason', async () => {
    await publish(
      await point('2.1.0', { ...grown, ...widened, ...both }),
      '--allow-breaking',
      'nobody moves',
    );
    const compare = async (...words: string[]) =>
      await bunny(['check-abi', reference('2.0.0'), reference('2.1.0'), ...words], { store });
    const { status, stdout } = await compare();
    assert.equal(status, 1);
    assert.match(stdout, /^ {2}! .*function int point_move\(int\)/m);
    const report = JSON.parse((await compare('--json')).stdout) as {
      breaking: boolean;
      variants: { removed: string[]; types: string[] }[];
    };
    assert.equal(report.breaking, true);
    assert.deepEqual(report.variants[0]?.removed, []);
    assert.match(report.variants[0]?.types.join('\n') ?? '', /point_move/);
    const same = await bunny(['check-abi', reference('1.0.0'), reference('1.2.0')], { store });
    assert.equal(same.status, 0, same.stdout);
  });

  it('takes what somebody attached that is no description for a difference, not for none', async () => {
    const digest = await tagOf('2.1.0');
    const target = openTarget(`${registry}:typed/point`);
    const { size } = await stat(blobFile(digest));
    await attachText(target, { mediaType: manifestType, digest, size }, mediaTypes.types, 'nothing');
    const error = await refused(await point('2.2.0', { ...widened, ...both }));
    assert.equal(error.code, 'BUNNY_EBREAKING');
    assert.match(error.details?.join('\n') ?? '', /point 2\.2\.0 \(amd64\): abidiff: /);
  });
});

const both = {
  'include/point.h': header
    .replace('int x;', 'int x; int y;')
    .replace('point_move(int)', 'point_move(int, int)'),
};
