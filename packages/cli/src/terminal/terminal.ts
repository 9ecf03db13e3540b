import { Colors } from './colors.js';
import { shownInLine, shownJson, shownText } from './shown-text.js';

/**
 * What the user sees. Results go to stdout; progress, notes and errors to stderr, so that stdout can be
 * piped. Colour and moving lines only where stderr is a terminal. Texts may be those of strangers, as the
 * description of a component is: nothing in them has a terminal do anything, and nothing is hidden.
 */
export class Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: Colors;
  /** Whether lines may move: stderr is a terminal. */
  readonly moving: boolean;
  /** Whether results for people are printed. */
  readonly #results: boolean;
  /** Moving lines on the screen; the cursor stands at the end of the last one. */
  #lines = 0;
  #drawn = 0;

  constructor(
    options: {
      json?: boolean | undefined;
      quiet?: boolean | undefined;
      results?: boolean | undefined;
    } = {},
  ) {
    this.json = options.json ?? false;
    this.quiet = options.quiet ?? false;
    this.#results = options.results ?? true;
    const terminal = process.stderr.isTTY === true;
    const colour = terminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
    this.color = new Colors(colour || process.env.FORCE_COLOR === '1');
    this.moving = terminal && !this.quiet && process.env.TERM !== 'dumb';
  }

  /** The one JSON document of a `--json` run. */
  result(document: unknown): void {
    if (this.json) this.document(document);
  }

  /** A JSON document, also where the run is not a `--json` one. */
  document(document: unknown): void {
    process.stdout.write(`${shownJson(document)}\n`);
  }

  /** The same, but for results, which it drops: for a step of something larger. */
  withoutResults(): Terminal {
    return new Terminal({ quiet: this.quiet, results: false });
  }

  /** A part of the result for people: a text, or lines that stay in their line whatever they hold. */
  print(part: string | readonly string[]): void {
    const text = typeof part === 'string' ? part : part.map(shownInLine).join('\n');
    if (this.#results && !this.json) process.stdout.write(`${this.#shown(text)}\n`);
  }

  /** What was done, in full, for people: left out where they want quiet. */
  report(text: string): void {
    if (!this.quiet) this.print(text);
  }

  /** A step that is done: `Resolved 12 components in 0.3 s`. */
  done(verb: string, rest: string): void {
    if (!this.quiet) this.#write(`${this.color.bold(this.color.green(verb.padStart(10)))} ${rest}\n`);
  }

  note(text: string): void {
    if (!this.quiet) this.#write(`${this.color.bold(this.color.cyan('note'))}: ${text}\n`);
  }

  warn(text: string): void {
    this.#write(`${this.color.bold(this.color.yellow('warning'))}: ${text}\n`);
  }

  error(text: string): void {
    this.#write(`${text}\n`);
  }

  /**
   * What is going on now, on a line that the next one replaces, or on several. Lines that take work to make
   * are made when they are shown. Nothing where stderr is no terminal.
   */
  progress(text: string | (() => readonly string[])): void {
    if (!this.moving) return;
    const now = Date.now();
    if (now - this.#drawn < 50) return;
    this.#drawn = now;
    const columns = (process.stderr.columns || 80) - 1;
    const lines = (typeof text === 'string' ? [text] : text()).map((line) =>
      shownText(line).slice(0, columns),
    );
    process.stderr.write(`${erase(this.#lines)}${lines.join('\n')}`);
    this.#lines = lines.length;
  }

  /** Takes the moving lines away. */
  clear(): void {
    if (this.#lines === 0) return;
    process.stderr.write(erase(this.#lines));
    this.#lines = 0;
  }

  #write(text: string): void {
    this.clear();
    process.stderr.write(this.#shown(text));
  }

  #shown(text: string): string {
    return this.color.paint(text, shownText);
  }
}

/** What takes so many lines away and leaves the cursor where the first began. */
export function erase(lines: number): string {
  return lines === 0 ? '' : `\r\x1b[K${'\x1b[1A\x1b[K'.repeat(lines - 1)}`;
}
