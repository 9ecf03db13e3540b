import { duplicateSymbols, type ElfObject } from 'bunny-libos-elf';
import { BunnyError, exitStatus, type ToolingRules } from 'bunny-libos-spec';
import { takesDuplicates } from 'bunny-libos-tooling';
import { type LocalVariant, targetsOf, variantLabel } from '../plan/local-variant.js';

/**
 * Throws BUNNY_EDUPLICATE where two objects of a variant define the same symbol, so that no image with it could be
 * linked, unless a target that takes the variant links such all the same.
 */
export function requireDistinctSymbols(
  variant: LocalVariant,
  objects: readonly { source: string; elf: ElfObject }[],
  rules: ToolingRules,
): void {
  const duplicates = duplicateSymbols(objects.map(({ elf }) => elf));
  const [first] = duplicates.keys();
  if (first === undefined || targetsOf(variant, rules).some(takesDuplicates)) return;
  const label = variantLabel(variant);
  throw new BunnyError(
    'BUNNY_EDUPLICATE',
    duplicates.size === 1
      ? `${label} defines ${first} twice`
      : `${label} defines ${duplicates.size} symbols twice`,
    {
      where: variant.local.file,
      details: [...duplicates].map(([symbol, positions]) => {
        const sources = positions.map((position) => objects[position]?.source);
        return `${symbol} is defined by ${sources.join(' and ')}`;
      }),
      hint: 'rename one of them or make it static; if one may replace the other, make the other one weak',
      exitStatus: exitStatus.buildFailed,
    },
  );
}
