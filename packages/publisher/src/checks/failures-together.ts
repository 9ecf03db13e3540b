import { BunnyError, formatPosition } from 'bunny-libos-spec';

/** Failures that one error tells of; who has more corrects these first. */
const mostTold = 50;

/**
 * One error for what is wrong with several variants. Those that are told of the same place in the same words are told of
 * once; where only one is left, it is the error. `summary` is given the number of all.
 */
export function failuresTogether(
  errors: readonly [BunnyError, ...BunnyError[]],
  { summary, hint }: { summary: (count: number) => string; hint: string },
): BunnyError {
  const distinct = new Map<string, BunnyError>();
  for (const error of errors) {
    const key = JSON.stringify([error.where, error.details]);
    if (!distinct.has(key)) distinct.set(key, error);
  }
  const [first] = errors;
  if (distinct.size === 1) return first;
  const told = [...distinct.values()].slice(0, mostTold);
  const rest = distinct.size - told.length;
  return new BunnyError(first.code, summary(errors.length), {
    where: first.where,
    details: [
      ...told.flatMap(({ message, where, details, hint: way }) => [
        `${message}:`,
        `  --> ${formatPosition(where)}`,
        ...details.map((line) => `  ${line}`),
        ...way.split('\n').map((line) => `  help: ${line}`),
      ]),
      ...(rest === 0 ? [] : [`and ${rest} more: correct these first`]),
    ],
    hint,
    exitStatus: first.exitStatus,
  });
}
