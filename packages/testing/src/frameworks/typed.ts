import { execFileSync } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFiles } from '../files/documents.js';
import { toolingText } from './pair.js';

/** Tells libabigail to leave symbols that are gone to Bunny. */
const suppressions = ['function', 'variable']
  .map((kind) => `[suppress_${kind}]\n  name_regexp = .\n  change_kind = deleted-${kind}\n`)
  .join('');

/** libabigail reads one file, and takes for private what no public header declares. */
const describeTypes = `set -ef
out=$1
shift
headers=
IFS='
'
while [ "$1" != -- ]; do
	headers="$headers
--headers-dir
$1"
	shift
done
shift
x86_64-linux-gnu-ld -r -o "$out.o" "$@"
abidw $headers --drop-private-types --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$out" "$out.o"
`;

/** Describes and compares types by this machine's libabigail. */
const types = `types:
  flags: -g
  describe: sh /usr/lib/describe-types $out $includes -- $objects
  compare: abidiff --no-added-syms --suppressions /usr/lib/suppressions $in
overlay: overlay
`;

/**
 * Writes the tooling layer of a framework `typed`, whose versions are compared by their types, too: warren's compilers
 * (`root`: the directory of the layout that has them), and libabigail of this machine.
 */
export async function writeTypedTooling(directory: string, root: string): Promise<void> {
  await writeFiles(directory, {
    'tooling.yaml': toolingText('typed', root, types),
    'overlay/usr/lib/describe-types': describeTypes,
    'overlay/usr/lib/suppressions': suppressions,
  });
  const programs = ['abidw', 'abidiff'].map((name) => `/usr/bin/${name}`);
  const needed = execFileSync('ldd', programs, { encoding: 'utf8' });
  const libraries = [...needed.matchAll(/ => (\/\S+)/g)].map(([, path = '']) => path);
  for (const path of new Set([...programs, ...libraries, '/lib64/ld-linux-x86-64.so.2'])) {
    const to = join(directory, 'overlay', path.replace(/^\/(?=lib)/, '/usr/'));
    await mkdir(dirname(to), { recursive: true });
    await cp(path, to, { dereference: true });
  }
}
