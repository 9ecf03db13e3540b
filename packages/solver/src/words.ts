import type { Asker, Cause } from './cause.js';
import type { Request } from './request.js';

/** One fact as a sentence. */
export function describe(cause: Cause): string {
  switch (cause.kind) {
    case 'component':
    case 'capability':
    case 'service':
      return `${who(cause.asker)} ${what(cause.request)}`;
    case 'provider':
    case 'provides':
      return `${cause.provider.name} provides ${cause.capability.name}`;
    case 'choice':
      return `the Bunnyfile chooses ${cause.provider} for ${cause.capability.name}`;
    case 'conflict':
      return `${cause.component.name} conflicts with ${cause.name} ${cause.range}`;
    case 'cycle':
      return `${[...cause.path, cause.path[0]].join(' needs ')}`;
    case 'only':
      return `only ${cause.provider.name} provides ${cause.capability.name} as asked`;
    case 'ambiguous':
      return `${cause.capability.name} is provided by ${cause.providers.join(', ')}, and nothing chooses between them`;
  }
}

function who(asker: Asker): string {
  if (asker.kind === 'root') return 'the Bunnyfile asks for';
  if (asker.kind === 'base') return 'the tooling layer needs';
  return `${asker.component.name} needs`;
}

function what({ name, requirement }: Request): string {
  return `${name} ${requirement.version}`;
}
