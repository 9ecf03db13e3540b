/** What `bunny completion-values` knows: only the project and the store can tell these. */
export const askedValues = [
  'architectures',
  'platforms',
  'frameworks',
  'dependencies',
  'locked',
  'published',
  'codes',
] as const;
export type AskedValues = (typeof askedValues)[number];

/** A flag of a command: how it is written, and how its value is read. Its key is its long name: `dryRun`, `--dry-run`. */
export interface Flag<Value> {
  readonly about: string;
  /** One letter. */
  readonly short?: string | undefined;
  /** What stands for its value in `--help`: `FILE`. Absent where it has none. */
  readonly placeholder?: string | undefined;
  readonly choices?: readonly string[] | undefined;
  /** What a shell offers as its value. */
  readonly complete?: AskedValues | undefined;
  /** Whether the command fails without it. */
  readonly required?: boolean | undefined;
  /** What `--no-NAME` does; absent where there is no such flag. */
  readonly negated?: string | undefined;
  /** Key of a flag that may not stand beside it. */
  readonly excludes?: string | undefined;
  /** Reads a value after those that were given before. Throws InvalidArgumentError. */
  read?(word: string, before: Value | undefined): Value;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** A flag that a command fails without. */
type RequiredFlag = { readonly required: true };

/** What a command gets of its flags. */
export type FlagValues<Declared> = {
  [Name in keyof Declared as Declared[Name] extends RequiredFlag ? Name : never]: ValueOf<Declared[Name]>;
} & {
  [Name in keyof Declared as Declared[Name] extends RequiredFlag ? never : Name]?:
    | ValueOf<Declared[Name]>
    | undefined;
};

type ValueOf<Declared> = Declared extends Flag<infer Value> ? Value : never;

/** What a flag may have beside its text. */
type Extras = Pick<Flag<unknown>, 'short' | 'complete' | 'negated' | 'excludes'>;

/** A flag without a value. */
export function toggle(about: string, extras: Extras = {}): Flag<boolean> {
  return { about, ...extras };
}

/** A flag with a value. */
export function value<Value>(
  placeholder: string,
  about: string,
  read: (word: string, before: Value | undefined) => Value,
  extras: Extras = {},
): Flag<Value> {
  return { placeholder, about, read, ...extras };
}

/** A flag whose value is one of these. */
export function choice<const Value extends string>(
  placeholder: string,
  about: string,
  choices: readonly Value[],
): Flag<Value> {
  return { placeholder, about, choices };
}

/** The same flag, for a command that fails without it. */
export function required<Value>(flag: Flag<Value>): Flag<Value> & RequiredFlag {
  return { ...flag, required: true };
}

/** `dryRun` as it is written: `--dry-run`. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `-f, --file <FILE>` */
export function spelling(key: string, { short, placeholder }: Flag<unknown>): string {
  const names = [...(short === undefined ? [] : [`-${short}`]), longName(key)].join(', ');
  return placeholder === undefined ? names : `${names} <${placeholder}>`;
}
