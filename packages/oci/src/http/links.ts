/** One link of a `Link` header. */
export interface HttpLink {
  target: string;
  /** Relation types, in lower case. */
  rel: string[];
}

/** RFC 9110, section 5.6.2. */
const tokenPattern = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;

/** Reads a `Link` header (RFC 8288, section 3); several headers are joined by commas. What comes after a fault is left out. */
export function parseLinks(header: string): HttpLink[] {
  return new Reader(header).links();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  links(): HttpLink[] {
    const found: HttpLink[] = [];
    for (;;) {
      while (this.#take(',')) {}
      if (!this.#take('<')) return found;
      const end = this.#text.indexOf('>', this.#at);
      if (end < 0) return found;
      const link: HttpLink = { target: this.#text.slice(this.#at, end), rel: [] };
      this.#at = end + 1;
      let isFirst = true;
      while (this.#take(';')) {
        const [name, value] = this.#parameter();
        // Of several `rel` the first one counts.
        if (name !== 'rel' || !isFirst) continue;
        isFirst = false;
        link.rel = value.toLowerCase().split(/\s+/).filter(Boolean);
      }
      found.push(link);
    }
  }

  #parameter(): [name: string, value: string] {
    const name = this.#token().toLowerCase();
    if (!this.#take('=')) return [name, ''];
    return [name, this.#take('"') ? this.#quoted() : this.#token()];
  }

  #token(): string {
    this.#blanks();
    tokenPattern.lastIndex = this.#at;
    const token = tokenPattern.exec(this.#text)?.[0] ?? '';
    this.#at += token.length;
    return token;
  }

  #quoted(): string {
    let value = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++];
      if (character === '"') break;
      value += character === '\\' ? (this.#text[this.#at++] ?? '') : character;
    }
    return value;
  }

  #take(character: string): boolean {
    this.#blanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #blanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
  }
}
