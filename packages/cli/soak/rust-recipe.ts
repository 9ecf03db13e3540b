import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bunny, bunnyDone } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { warren } from 'bunny-libos-testing/frameworks/warren.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

/**
 * The recipe for Rust in docs/how-to/library-os.md, as it stands there: the library OS of the page with Debian's rustc,
 * an app, a change in a module of it, and one that formats. Packing the compiler takes a minute, and Debian's rustc
 * 275 MB, so it is no part of the suite.
 */
assert.ok(existsSync('/usr/bin/rustc'), "Debian's rustc is missing: apt-get install rustc");
const page = repositoryFile('docs/how-to/library-os.md');
const text = await readFile(page, 'utf8');
const recipe = text.slice(text.indexOf('\n## Rust\n'), text.indexOf('\n## A framework that has'));
const [language = '', link = ''] = [...recipe.matchAll(/^```yaml\n(.*?)^```/gms)].map(
  ([, block = '']) => block,
);
const [, script = ''] = /^```bash\n(.*?)^```/ms.exec(recipe) ?? [];
const [, source = ''] = /^```rust\n(.*?)^```/ms.exec(recipe) ?? [];

const { directory, store } = await warren();
const cwd = await temporaryDirectory('rust');
for (const [, path = '', content = ''] of text.matchAll(/^`([^`]+)`:\n\n```\w+\n(.*?)^```/gms)) {
  await writeFiles(cwd, { [path]: content.replace('../../build/quickstart/registry', directory) });
}
const rules = join(cwd, 'tiny/tooling/tooling.yaml');
await edit(rules, 'languages:\n', `overlay: rust\nlanguages:\n${language}`);
await edit(rules, /^ {4}link: .*\n/m, link);
await promisify(execFile)('bash', ['-eu', '-c', script], { cwd: join(cwd, 'tiny/tooling') });
await bunnyDone(['publish', 'tiny', '--to', 'oci:registry'], { cwd, store });

const app = (main: string) => ({
  Bunnyfile: 'version: v0.1\nname: rusty\nplatforms: { framework: tiny }\n',
  'src/main.rs': main,
});
const expectRun = async (status: number, stdout: string, what: string) => {
  const place = { cwd: join(cwd, 'app'), store };
  const run = await bunny(['run', '--from', 'oci:../registry'], place);
  assert.deepEqual([run.status, run.stdout], [status, stdout], `${what}\n${run.stderr}`);
};
await writeFiles(join(cwd, 'app'), app(source));
await expectRun(0, 'Hello from Rust\n', 'the app of the page');

const modular = source
  .replace('#![no_std]', '#![no_std]\n\nmod other;')
  .replace(/^ {4}0$/m, '    other::status()');
await writeFiles(join(cwd, 'app'), app(modular));
for (const status of [3, 4]) {
  await writeFiles(join(cwd, 'app'), { 'src/other.rs': `pub fn status() -> i32 {\n    ${status}\n}\n` });
  await expectRun(status, 'Hello from Rust\n', 'a module that changed is compiled');
}

const formatting = source
  .replace('use core::panic', 'use core::fmt::Write;\nuse core::panic')
  .replace(
    '#[panic_handler]',
    `struct Out;

impl Write for Out {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for byte in text.bytes() {
            let one = [byte, 0];
            unsafe { plat_write(one.as_ptr()) };
        }
        Ok(())
    }
}

#[panic_handler]`,
  )
  .replace('    0\n', '    let _ = writeln!(Out, "{:?}", [1, 2]);\n    0\n');
await writeFiles(join(cwd, 'app'), app(formatting));
await expectRun(0, 'Hello from Rust\n[1, 2]\n', 'what it takes of core is linked');
console.log('the recipe for Rust works as it is written');
