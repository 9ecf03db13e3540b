import type { ComponentFiles } from '../documents/component.js';
import type { Problem } from './problem.js';

/** A path in a root file system: absolute, without `.` and empty parts. */
export function pathInRoot(text: string): string {
  return `/${text
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
}

/** What is wrong with the `files` of a component, beyond what the schema says. */
export function fileProblems(entries: readonly ComponentFiles[]): Problem[] {
  return entries.flatMap((entry, index): Problem[] => {
    const { file, directory, name, rootfs } = entry;
    const problem = (code: Problem['code'], message: string, hint: string): Problem => ({
      ...{ code, message: `files[${index}]: ${message}`, path: ['files', index], hint },
    });
    if ((file === undefined) === (directory === undefined)) {
      return [problem('BUNNY_ETYPE', 'it names a `file`, or a `directory`', 'name one of them')];
    }
    if (name === undefined && rootfs === undefined) {
      const hint = 'give it a `name` for commands, or a path in the root file system: `rootfs`';
      return [problem('BUNNY_ETYPE', 'nothing is done with it', hint)];
    }
    if (name !== undefined && file === undefined) {
      return [problem('BUNNY_ETYPE', 'a variable is one file, not a directory', 'name the `file`')];
    }
    if (rootfs !== undefined && (rootfs.includes('\0') || rootfs.split('/').includes('..'))) {
      return [problem('BUNNY_EPATH', 'the path leaves the root', 'write it without ..')];
    }
    if (rootfs === '/' && file !== undefined) {
      return [problem('BUNNY_EPATH', 'a file cannot be the root', 'write its path: /etc/name')];
    }
    return [];
  });
}
