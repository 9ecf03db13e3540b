import type { Transfer, TransferObserver } from 'bunny-libos-namespace';
import { formatBytes } from 'bunny-libos-spec';
import { count, formatSeconds } from './quantities.js';
import type { Terminal } from './terminal.js';

/** Transfers that are shown at a time; of the others the number. */
const shown = 5;

interface Moving {
  name: string;
  /** Bytes in all. */
  size: number;
  /** Bytes that have moved. */
  done: number;
  /** When it began. Milliseconds. */
  begun: number;
}

/** What a command moves between this machine and registries: a line for each transfer, and a sum at the end. */
export class Transfers implements TransferObserver {
  readonly #terminal: Terminal;
  readonly #clock: () => number;
  readonly #moving = new Set<Moving>();
  #ended = 0;
  #bytes = 0;
  /** From the first beginning to the last end. Milliseconds. */
  #span: { from: number; to: number } | undefined;

  /** `clock` gives milliseconds. */
  constructor(terminal: Terminal, clock: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#clock = clock;
  }

  begin({ size }: { size: number }, place: string): Transfer {
    const now = this.#clock();
    const moving: Moving = { name: shortName(place), size, done: 0, begun: now };
    this.#moving.add(moving);
    this.#span ??= { from: now, to: now };
    return {
      moved: (bytes) => {
        moving.done += bytes;
        this.#bytes += bytes;
        this.#terminal.progress(() => this.lines(this.#clock()));
      },
      end: () => {
        if (!this.#moving.delete(moving)) return;
        if (moving.done > 0) this.#ended += 1;
        if (this.#span !== undefined) this.#span.to = this.#clock();
      },
    };
  }

  /** The transfers under way, the longest under way first. */
  lines(now: number): string[] {
    const rows = [...this.#moving].slice(0, shown).map((each) => cells(each, now));
    const widths = [0, 1, 2, 3].map((column) =>
      rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
    );
    const lines = rows.map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    );
    const rest = this.#moving.size - rows.length;
    return rest > 0 ? [...lines, `and ${count(rest, 'more transfer')}`] : lines;
  }

  /** `12 blobs (3.4 MB) in 1.20 s`; undefined where nothing has moved. */
  summary(): string | undefined {
    if (this.#ended === 0 || this.#span === undefined) return undefined;
    const time = formatSeconds(this.#span.to - this.#span.from);
    return `${count(this.#ended, 'blob')} (${formatBytes(this.#bytes)}) in ${time}`;
  }

  /** Says the sum where the transfers were to be seen: `Fetched 12 blobs (3.4 MB) in 1.20 s`. */
  report(verb: string): void {
    const summary = this.#terminal.moving ? this.summary() : undefined;
    if (summary !== undefined) this.#terminal.done(verb, summary);
  }
}

/** Name, bytes, rate and what is left. */
function cells({ name, size, done, begun }: Moving, now: number): string[] {
  const bytes = `${formatBytes(done)} of ${formatBytes(size)}`;
  const elapsed = now - begun;
  if (done === 0 || elapsed <= 0) return [name, bytes, '', ''];
  const rate = (done * 1000) / elapsed;
  const left = Math.max(0, size - done) / rate;
  return [
    name,
    bytes,
    `${formatBytes(Math.round(rate))}/s`,
    `${left < 10 ? left.toFixed(1) : Math.round(left)} s left`,
  ];
}

/** `localhost:5000/libos/warren/libc` and `oci:dir:libos/warren/libc` as `warren/libc`. */
function shortName(place: string): string {
  return place.split(/[/:]/).slice(-2).join('/');
}
