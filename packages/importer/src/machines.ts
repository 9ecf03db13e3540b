/** What Debian calls the tools for an architecture (multiarch triplets), by the OCI name. */
export const machineTriplets: ReadonlyMap<string, string> = new Map([
  ['amd64', 'x86_64-linux-gnu'],
  ['arm64', 'aarch64-linux-gnu'],
  ['riscv64', 'riscv64-linux-gnu'],
]);
