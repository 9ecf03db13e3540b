import type { Bunnyfile, TargetName } from 'bunny-libos-spec';

/**
 * The target to build where the command line leaves a choice: the one of the Bunnyfile's `platforms`, as far as it
 * names one, then one for `here`, the architecture of this machine, then the first in the order of the Bunnyfile's
 * `targets`. Undefined where there is none. Pure.
 */
export function chooseTarget<T extends TargetName>(
  targets: readonly T[],
  bunnyfile: Pick<Bunnyfile, 'architecture' | 'monitor' | 'targets'>,
  here: string,
): T | undefined {
  const { architecture = here, monitor, targets: listed } = bunnyfile;
  const position = ({ arch, platform }: TargetName) => {
    const index = listed.findIndex((each) => each.arch === arch && each.platform === platform);
    return index === -1 ? listed.length : index;
  };
  const rank = (target: T) => [
    Number(monitor !== undefined && target.platform !== monitor),
    Number(target.arch !== architecture),
    position(target),
  ];
  return [...targets].sort((left, right) => compareRanks(rank(left), rank(right)))[0];
}

function compareRanks(left: readonly number[], right: readonly number[]): number {
  const different = left.findIndex((each, index) => each !== right[index]);
  return different === -1 ? 0 : (left[different] ?? 0) - (right[different] ?? 0);
}
