import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeComponent, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfWarren,
  type Warren,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';

/** Number every component and the app, as macros and as an object with a symbol for each. */
const scripts = {
  'numbers.sh': `# Gives the name and the identifier of each component in the list.
identifiers() {
	while read -r name rest; do
		identifier=
		IFS=.-
		for part in $name; do identifier=\${identifier}_$part; done
		unset IFS
		echo "$name \${identifier#_}"
	done <"$1"
}
`,
  'header.sh': `. /usr/lib/numbers/numbers.sh
count=0
identifiers "$1" | {
	while read -r name identifier; do
		echo "#define NUMBER_$identifier $count"
		count=$((count + 1))
	done
	echo "#define NUMBERS $count"
} >"$2"
`,
  'source.sh': `. /usr/lib/numbers/numbers.sh
{
	echo '#include <warren/bits/numbers.h>'
	echo "const int id_$1 = NUMBERS;"
	identifiers "$2" | while read -r name identifier; do
		echo "const int id_$identifier = NUMBER_$identifier;"
	done
} >"$3"
`,
};

const generators = `    generate:
      - name: components
        command: sh /usr/lib/warren/list-components $name $components $out
        output: components.c
        defines: [warren_components, warren_component_count, warren_image_name]
      - name: numbers
        kind: header
        command: sh /usr/lib/numbers/header.sh $components $out
        output: warren/bits/numbers.h
      - name: ids
        command: sh /usr/lib/numbers/source.sh $identifier $components $out
        output: ids.c
        defines: [id_$identifier]`;

describe('symbols and headers that are made for each image', function () {
  this.timeout(60_000);
  let to: Warren;
  let cwd: string;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    to = await copyOfWarren();
    cwd = await temporaryDirectory('components');
    await cp(join(warrenSources, 'tooling'), join(cwd, 'tooling'), { recursive: true });
    const rules = join(cwd, 'tooling/tooling.yaml');
    await edit(rules, 'version: 1.0.0', 'version: 1.0.1');
    await edit(rules, 'settings:', 'overlay: overlay\n\nsettings:');
    await edit(
      rules,
      '    base: *base\n    generate: *generate\n    appDefines: *app\n    artifacts',
      `    base: *base\n${generators}\n    appDefines: *app\n    artifacts`,
    );
    await writeFiles(join(cwd, 'tooling/overlay/usr/lib/numbers'), scripts);
    const asking = (name: string, symbol: string) =>
      writeComponent(cwd, name, [], {
        'src/code.c': `extern const int ${symbol};\nint number_of_it(void) { return ${symbol}; }\n`,
      });
    await asking('zoo-keeper', 'id_zoo_keeper');
    await asking('stranger', 'id_somebody_else');
    for (const name of ['zoo-keeper', 'stranger']) {
      const file = join(cwd, name, 'component.yaml');
      await edit(file, 'affectedBy: [arch]', 'affectedBy: [arch, platform]');
      await edit(file, 'arch: [amd64] }', 'arch: [amd64], platform: [linuxu] }');
    }
  });

  const publish = (...paths: string[]): readonly string[] => ['publish', ...paths, '--to', to.registry];

  it('are there for a component by its own name, and not by one that no closure of it has', async () => {
    const { code, details } = await bunnyError(publish('tooling', 'stranger'), { cwd, store: to.store });
    assert.equal(code, 'BUNNY_EUNDECLARED');
    assert.match(details.join('\n'), /^id_somebody_else \(used by src\/code\.c\)/);
    await bunnyDone(publish('tooling', 'zoo-keeper'), { cwd, store: to.store });
  });

  it('are linked and included, in an app whose name is no identifier', async () => {
    const app = await temporaryDirectory('app');
    const asks = 'dependencies: { zoo-keeper: ^1.0 }\n';
    await writeFiles(app, {
      Bunnyfile: `version: v0.1\nname: my-app\nplatforms: { framework: warren }\n${asks}`,
      'main.c': `#include <warren/bits/numbers.h>
int number_of_it(void);
extern const int id_my_app;
int main(void) { return number_of_it() == NUMBER_zoo_keeper && id_my_app == NUMBERS ? 42 : 1; }
`,
    });
    const run = ['run', '--from', to.registry, '--arch', 'amd64', '--platform', 'linuxu'];
    const { status, stderr } = await bunny(run, { cwd: app, store: to.store });
    assert.equal(status, 42, stderr);
  });
});
