import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes files below a directory: path -> text. */
export async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

/** Replaces the one place where `before` stands in a file; fails where it does not. */
export async function edit(file: string, before: string | RegExp, after: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const edited = text.replace(before, after);
  if (edited === text) throw new Error(`${file} has no ${before}`);
  await writeFile(file, edited);
}

/** Writes a component of the framework warren, with further lines in its component.yaml and further files. */
export function writeComponent(
  directory: string,
  name: string,
  lines: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  return writeFiles(join(directory, name), {
    'component.yaml': componentYaml(name, lines),
    'src/code.c': 'int code;\n',
    'include/.keep': '',
    ...files,
  });
}

/** A component.yaml of the framework warren for amd64/linuxu, with further lines. */
export function componentYaml(name: string, lines: readonly string[] = [], version = '1.0.0'): string {
  return [
    'framework: warren',
    `name: ${name}`,
    `version: ${version}`,
    ...lines,
    'sources: [src/*.c]',
    'include: [include]',
    'affectedBy: [arch]',
    'matrix: { arch: [amd64] }',
    '',
  ].join('\n');
}
