import { CLONE_NEWUSER, ENOSYS, EPERM, refusals } from './call-filter.js';

/** The filter of `callFilter`, in the form that container engines read: for all ways to call the kernel of any machine. */
export function containerFilter(): string {
  const { absent, forbidden, namespaces } = refusals;
  const masked = { index: 0, value: CLONE_NEWUSER, valueTwo: CLONE_NEWUSER, op: 'SCMP_CMP_MASKED_EQ' };
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    ],
    syscalls: [
      { names: absent, action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      { names: forbidden, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
      { names: namespaces, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM, args: [masked] },
    ],
  });
}
