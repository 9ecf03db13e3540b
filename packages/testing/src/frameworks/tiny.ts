import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFiles } from '../files/documents.js';

const compilers = [
  ['amd64', 'gcc'],
  ['arm64', 'aarch64-linux-gnu-gcc'],
] as const;

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
      ...compilers.flatMap(([arch]) => [
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
  for (const [arch, compiler] of compilers) {
    execFileSync(compiler, ['-c', 'one.c', '-o', `${arch}.o`], { cwd: directory });
  }
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
      'objects:',
      ...compilers.map(([arch]) => `  - { files: [${arch}.o], when: { arch: ${arch} } }`),
      'matrix: { arch: [amd64, arm64], options: [{}, { loud: true }] }',
      '',
    ].join('\n'),
  });
  for (const [arch] of compilers) execFileSync('cp', [join(directory, `${arch}.o`), place]);
  return place;
}
