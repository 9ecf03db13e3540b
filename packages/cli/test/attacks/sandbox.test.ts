import assert from 'node:assert/strict';
import { attack } from './attack.js';

/** A Bunnyfile of a cloned repository whose flags run a script in the place of the compiler. */
const hostileBunnyfile = [
  'version: v0.1',
  'name: hostile',
  'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
  "app: { flags: [-wrapper, 'sh,/src/attack.sh'] }",
  'dependencies: { libc: ^1.0 }',
  '',
].join('\n');

describe('what runs in the sandbox', () => {
  attack('writes nowhere but to the work directory', async ({ write, bunny, registry }) => {
    await write({
      Bunnyfile: hostileBunnyfile,
      'src/main.c': 'int main(void) { return 0; }\n',
      'attack.sh': [
        'for place in /src /closure/libc /usr /etc /; do echo > "$place/written" && echo "WROTE to $place"; done',
        'echo > /work/written && echo ALLOWED',
        'exit 1',
        '',
      ].join('\n'),
    });
    const { stdout, stderr } = await bunny(['build', '--from', registry]);
    assert.match(stdout + stderr, /ALLOWED/);
    assert.doesNotMatch(stdout + stderr, /WROTE/);
  });
});
