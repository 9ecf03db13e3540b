import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory in which the tests compile objects with the machine's own tools. */
export class Workbench {
  readonly directory = mkdtempSync(join(tmpdir(), 'bunny-elf-'));

  /** Writes a source and runs a tool on it. Returns the path of what was made. */
  make(output: string, source: { name: string; text: string } | undefined, ...command: string[]): string {
    if (source !== undefined) writeFileSync(join(this.directory, source.name), source.text);
    const [tool = '', ...words] = command;
    const inputs = source === undefined ? [] : [source.name];
    execFileSync(tool, [...words, ...inputs, '-o', output], { cwd: this.directory, stdio: 'pipe' });
    return join(this.directory, output);
  }

  read(path: string): Uint8Array {
    return readFileSync(path);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The output of a tool of binutils, as lines. */
export function lines(tool: string, ...words: string[]): string[] {
  const output = execFileSync(tool, words, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return output.split('\n').filter((line) => line !== '');
}

/** Every kind of symbol that C can make. */
export const everyKind = {
  name: 'every-kind.c',
  text: `
int tentative;
int tentative_array[100];
int initialised = 1;
const int constant = 2;
static int hidden_by_static = 3;
__attribute__((visibility("hidden"))) int hidden_variable = 4;
__attribute__((weak)) int weak_variable = 5;
__thread int thread_variable = 6;
__thread int zeroed_thread_variable;
static char big_buffer[4096];
extern int undefined_variable;
extern int weak_undefined_variable __attribute__((weak));
extern int undefined_function(int);
extern void weak_undefined_function(void) __attribute__((weak));
extern void never_used(void);
static int static_function(int x) { return undefined_function(x) + hidden_by_static++; }
__attribute__((weak)) int weak_function(void) { return 7; }
__attribute__((visibility("hidden"))) int hidden_function(void) { return 8; }
__attribute__((section(".init_table"))) int (*table_entry)(void) = weak_function;
__attribute__((alias("global_function"))) int alias_function(int);
int global_function(int x) {
  big_buffer[x] = tentative + tentative_array[x] + thread_variable + zeroed_thread_variable;
  if (weak_undefined_function) weak_undefined_function();
  if (&weak_undefined_variable) x += weak_undefined_variable;
  return static_function(x) + undefined_variable + constant + big_buffer[x + 1];
}
`,
};
