import type { Monitor } from 'bunny-libos-spec';

/** What boots bindings, as tooling.yaml has it. */
type MonitorSource = Pick<Monitor, 'command' | 'arguments' | 'package'> & Partial<Pick<Monitor, 'exit'>>;

const tender = (program: string): MonitorSource => ({
  command: `${program} --mem=$memory $image`,
  arguments: '$arguments',
});

/**
 * How bindings boot; undefined for those that Bunny boots nowhere. A tender is of this machine, and passes the status of
 * the app on. QEMU does not: the bindings end it with 83, whatever the app says.
 */
export function monitorOf(platform: string, arch: string): MonitorSource | undefined {
  if (platform === 'spt') return tender('solo5-spt');
  if (platform === 'hvt') return tender('solo5-hvt');
  if (platform !== 'virtio' || arch !== 'amd64') return undefined;
  return {
    command:
      'qemu-system-x86_64 -machine pc,acpi=off -cpu Westmere -accel tcg -m $memory -no-user-config -nodefaults ' +
      '-no-reboot -display none -serial stdio -device isa-debug-exit -kernel $image',
    arguments: '-append $arguments',
    exit: { offset: 83, factor: 1 },
    package: 'qemu-system-x86',
  };
}
