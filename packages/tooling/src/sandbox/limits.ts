import { availableParallelism, totalmem } from 'node:os';
import {
  BunnyError,
  type ExitStatus,
  exitStatus,
  formatBytes,
  parseSize,
  suggestion,
} from 'bunny-libos-spec';

/** What a sandbox may use up. Infinity: as much as there is. */
export interface Limits {
  /** Bytes, of all its processes and their files in memory together. */
  memory: number;
  /** At a time, threads among them. */
  processes: number;
  /** Bytes of one file. */
  fileSize: number;
  /** Bytes in the directories that it may write. */
  disk: number;
  /** Bytes in /tmp, and in /dev/shm: both are memory. */
  tmp: number;
  /** Milliseconds from start to end. */
  time: number;
}

/** A limit as the command line and messages have it. */
export type LimitName = 'memory' | 'processes' | 'file-size' | 'disk' | 'tmp' | 'time';

interface Kind {
  key: keyof Limits;
  read: (text: string) => number | undefined;
  example: string;
}

const kinds: Readonly<Record<LimitName, Kind>> = {
  memory: { key: 'memory', read: parseSize, example: '4G' },
  processes: { key: 'processes', read: readCount, example: '2000' },
  'file-size': { key: 'fileSize', read: parseSize, example: '8G' },
  disk: { key: 'disk', read: parseSize, example: '20G' },
  tmp: { key: 'tmp', read: parseSize, example: '1G' },
  time: { key: 'time', read: readTime, example: '10m' },
};

const GiB = 1024 ** 3;

/** What holds where nobody says otherwise: enough for a compiler with link-time optimisation, and a disk image. */
export function defaultLimits(): Limits {
  // A container has less than its machine.
  const memory = Math.min(totalmem(), process.constrainedMemory?.() || Infinity);
  return {
    memory: Math.floor((memory * 3) / 4),
    processes: Math.max(4096, 128 * availableParallelism()),
    fileSize: 32 * GiB,
    disk: 64 * GiB,
    tmp: Math.floor(memory / 2),
    time: Infinity,
  };
}

/**
 * The limits by words such as `memory=4G`, of which the last counts: those of BUNNY_LIMIT, separated by commas or blanks,
 * and then these. Throws BUNNY_EUSAGE.
 */
export function readLimits(words: readonly string[] = []): Limits {
  const environment = (process.env.BUNNY_LIMIT ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const limits = defaultLimits();
  const places = [
    ...environment.map((word) => ['BUNNY_LIMIT', word]),
    ...words.map((word) => ['--limit', word]),
  ];
  for (const [where = '', word = ''] of places) {
    const { key, value } = readLimit(word, where);
    limits[key] = value;
  }
  return limits;
}

function readLimit(word: string, where: string): { key: keyof Limits; value: number } {
  const [, name = word, text = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  const kind = Object.hasOwn(kinds, name) ? kinds[name as LimitName] : undefined;
  if (kind === undefined) {
    const names = Object.keys(kinds);
    throw new BunnyError('BUNNY_EUSAGE', `there is no limit ${JSON.stringify(name)}`, {
      where,
      hint: suggestion(name, names) ?? `write NAME=VALUE; the names are ${names.join(', ')}`,
      exitStatus: exitStatus.usage,
    });
  }
  const value = text === 'none' ? Infinity : kind.read(text);
  if (value !== undefined && value > 0) return { key: kind.key, value };
  throw new BunnyError('BUNNY_EUSAGE', `the limit ${name} cannot be ${JSON.stringify(text)}`, {
    where,
    hint: `write it as ${name}=${kind.example}, or ${name}=none`,
    exitStatus: exitStatus.usage,
  });
}

/** The value of a limit as people read it. */
function limitText(name: LimitName, { [kinds[name].key]: value }: Limits): string {
  if (name === 'processes') return String(value);
  return name === 'time' ? `${value / 1000} s` : formatBytes(value);
}

const used: Readonly<Record<LimitName, string>> = {
  memory: 'more memory',
  processes: 'more processes',
  'file-size': 'a larger file',
  disk: 'more of the disk',
  tmp: 'more of /tmp',
  time: 'more time',
};

/** The failure of what went over a limit. */
export function overLimit(
  name: LimitName,
  limits: Limits,
  where: string,
  status: ExitStatus = exitStatus.buildFailed,
): BunnyError {
  return new BunnyError(
    'BUNNY_ERESOURCE',
    `what runs in the sandbox needs ${used[name]} than it may have: the limit ${name} is ${limitText(name, limits)}`,
    {
      where,
      hint: `if that is expected, allow more: --limit ${name}=VALUE, or ${name}=none`,
      exitStatus: status,
    },
  );
}

function readCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `90`, `90s`, `10m`, `2h` in milliseconds. */
function readTime(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)([smh]?)$/.exec(text) ?? [];
  const scales: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };
  return number === undefined ? undefined : Number(number) * (scales[unit] ?? Number.NaN);
}
