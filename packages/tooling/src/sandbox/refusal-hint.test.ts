import assert from 'node:assert/strict';
import { refusalHint } from './refusal-hint.js';

describe('what to do where no sandbox can be made', () => {
  // As bubblewrap 0.8 says it.
  const denied = 'Creating new namespace failed: Operation not permitted';
  const cases: readonly (readonly [reason: string, isRoot: boolean, hint: RegExp])[] = [
    [
      "Can't mount proc on /newroot/proc: Operation not permitted",
      false,
      /systempaths=unconfined.*unmask=ALL.*procMount/,
    ],
    [denied, true, /--cap-add SYS_ADMIN.*ordinary user$/],
    [denied, false, /seccomp=unconfined.*BUNNY_SANDBOX=podman$/],
    [
      'Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
      false,
      /user\.max_user_namespaces/,
    ],
    [
      'Unable to set up system call filtering as requested: prctl(PR_SET_SECCOMP) reported EINVAL.',
      true,
      /CONFIG_SECCOMP_FILTER/,
    ],
  ];
  for (const [reason, isRoot, hint] of cases) {
    it(`is told by: ${reason} (${isRoot ? 'root' : 'somebody else'})`, () => {
      assert.match(refusalHint(reason, isRoot), hint);
    });
  }
});
