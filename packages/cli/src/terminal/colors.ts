import { randomBytes } from 'node:crypto';

/**
 * Colours of Bunny's own. Where a text is coloured stands a mark that nobody else knows, until it is painted: so what
 * strangers write can be told from it.
 */
export class Colors {
  readonly #enabled: boolean;
  readonly #mark = `<${randomBytes(12).toString('hex')}>`;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  bold(text: string): string {
    return this.#between(1, text, 22);
  }

  red(text: string): string {
    return this.#between(31, text, 39);
  }

  green(text: string): string {
    return this.#between(32, text, 39);
  }

  yellow(text: string): string {
    return this.#between(33, text, 39);
  }

  cyan(text: string): string {
    return this.#between(36, text, 39);
  }

  /** Puts escapes of ECMA-48 (SGR) in place of the marks, and what `shown` makes of it in place of all else. */
  paint(text: string, shown: (part: string) => string): string {
    const [first = '', ...marked] = text.split(this.#mark);
    return (
      shown(first) +
      marked.map((part) => `\u001b[${Number(part.slice(0, 2))}m${shown(part.slice(2))}`).join('')
    );
  }

  /** Two digits follow each mark. */
  #between(on: number, text: string, off: number): string {
    if (!this.#enabled) return text;
    return `${this.#mark}${String(on).padStart(2, '0')}${text}${this.#mark}${off}`;
  }
}
