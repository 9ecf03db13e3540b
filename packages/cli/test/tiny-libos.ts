import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFiles } from './documents.js';

/**
 * Sources of a library OS that is published without compiling: a tooling layer with one small file, and a
 * component `one` of prebuilt objects. For campaigns that publish hundreds of versions.
 */
export async function writeTinyLibos(directory: string): Promise<void> {
  await writeFiles(directory, {
    'tooling/root/etc/tiny': 'tiny\n',
    'tooling/tooling.yaml': [
      'framework: tiny',
      'version: 1.0.0',
      'abi: tiny-1',
      'rootfs: { directory: root }',
      'settings: { arch: [amd64, arm64], platform: [linuxu] }',
      "languages: { c: { files: '*.c', compile: cc -c $in -o $out } }",
      'targets:',
      ...['amd64', 'arm64'].flatMap((arch) => [
        `  - arch: ${arch}`,
        '    platform: linuxu',
        '    link: ld $objects -Map=$map -o $out',
        '    artifacts: [elf]',
        '    monitor: { command: $image }',
      ]),
      '',
    ].join('\n'),
    'one.c': 'int one(void) { return 1; }\n',
  });
  execFileSync('gcc', ['-c', 'one.c', '-o', 'one.o'], { cwd: directory });
}

/** Writes a version of `one` with two variants for each architecture. Gives its directory. */
export async function writeTinyVersion(directory: string, version: string): Promise<string> {
  const place = join(directory, version);
  await writeFiles(place, {
    'component.yaml': [
      'framework: tiny',
      'name: one',
      `version: ${version}`,
      'options: { loud: { type: boolean, default: false } }',
      'affectedBy: [arch]',
      'objects: [one.o]',
      'matrix: { arch: [amd64, arm64], options: [{}, { loud: true }] }',
      '',
    ].join('\n'),
  });
  execFileSync('cp', [join(directory, 'one.o'), join(place, 'one.o')]);
  return place;
}
