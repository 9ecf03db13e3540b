import { numbered } from 'bunny-libos-resolver';
import type { Failure } from 'bunny-libos-solver';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { type LocalVariant, variantLabel } from '../plan/local-variant.js';

/**
 * The solver's failure to find what a variant is compiled against, in the terms of its component.yaml: nobody
 * asked for the component but the maintainer, and doing without it is no way out.
 */
export function unmetDependencies(failure: Failure, variant: LocalVariant): BunnyError {
  const { name, version } = variant.identity;
  const { document } = variant.local;
  const lines = failure.lines.map((line) => {
    if (!line.startsWith(`Bunnyfile asks for ${name} `)) return line;
    // Lines that follow from one another are told as one: "…, which through a and b needs …".
    const rest = line.indexOf(', which ');
    return `${name} ${version} is to be published${rest < 0 ? '' : line.slice(rest)}`;
  });
  const told = new Set(lines.join('\n').match(/[a-z0-9][a-z0-9-]*/g));
  const named = Object.keys(document.value.dependencies).filter((dependency) => told.has(dependency));
  const [only] = named;
  const possible = failure.suggestions.filter((suggestion) => !suggestion.includes(` ${name}`));
  // A component has no `providers` to choose with.
  const suggestions = possible.filter((suggestion) => !suggestion.endsWith(' to providers'));
  if (suggestions.length < possible.length) {
    suggestions.push('depend on one provider by its name, or give the capability a default in tooling.yaml');
  }
  return new BunnyError('BUNNY_ENOSOLUTION', `nothing meets the dependencies of ${variantLabel(variant)}`, {
    where: document.at(only === undefined || named.length > 1 ? ['dependencies'] : ['dependencies', only]),
    details: numbered(lines),
    hint: [...suggestions, 'publish what is missing first, or change the dependencies'].join('\n'),
    exitStatus: exitStatus.unsatisfiable,
  });
}
