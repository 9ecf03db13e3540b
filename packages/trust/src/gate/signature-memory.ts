import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from 'bunny-libos-oci';
import { foundIn, readPublications } from '../publication/statement.js';
import type { Found, FoundSignature } from '../signatures/found-signature.js';
import { replaceRemembered } from './remembered-file.js';

const format = 1;

/** A signature as it is kept; of statements, which are about hundreds of manifests, just their name. */
type Stored =
  | { statement: string }
  | {
      form: 'bundle' | 'tag';
      digest: string;
      message: string;
      signature: string;
      claims: FoundSignature['claims'];
      /** Of those with a certificate. */
      bundle?: string | undefined;
    };

/**
 * Signatures of manifests that were found enough once, so that who is offline can judge again, and who is not need not ask.
 * They are data of strangers here as they were there: who reads them verifies them. What cannot be read is not there.
 */
export class SignatureMemory {
  readonly #directory: string;

  static of(store: Store): SignatureMemory {
    return new SignatureMemory(join(store.directory, 'trust', 'signatures'));
  }

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(digest: string): Promise<Found> {
    const found = { signatures: [], unusable: [], rotations: [] } as Required<Omit<Found, 'attestations'>>;
    try {
      const { format: kept, signatures } = JSON.parse(await readFile(this.#file(digest), 'utf8')) as {
        format: number;
        signatures: Stored[];
      };
      if (kept !== format) return found;
      for (const each of signatures) {
        if (!('statement' in each)) {
          const { form, digest: holder, message, signature, claims, bundle } = each;
          const [text, bytes] = [message, signature].map((part) => Buffer.from(part, 'base64'));
          if (text === undefined || bytes === undefined) continue;
          const kept = { form, digest: holder, message: text, signature: bytes, claims };
          found.signatures.push(bundle === undefined ? kept : { ...kept, bundle });
          continue;
        }
        const text = await readFile(this.#statement(each.statement), 'utf8');
        const { signatures: stated, rotations = [] } = foundIn(readPublications([text]), digest);
        for (const one of stated) found.signatures.push(one);
        for (const one of rotations) found.rotations.push(one);
      }
      return found;
    } catch {
      return { signatures: [], unusable: [] };
    }
  }

  async write(digest: string, { signatures, rotations = [] }: Found): Promise<void> {
    const stored: Stored[] = [];
    const keep = async (text: string) => {
      const name = hash(text);
      await replaceRemembered(this.#statement(name), text);
      stored.push({ statement: name });
    };
    for (const { text } of rotations) await keep(text);
    for (const { form, digest: holder, message, signature, claims, text, bundle } of signatures) {
      if (form === 'statement') {
        if (text !== undefined) await keep(text);
      } else {
        const [a = '', b = ''] = [message, signature].map((part) => Buffer.from(part).toString('base64'));
        stored.push({ form, digest: holder, message: a, signature: b, claims, bundle });
      }
    }
    await replaceRemembered(this.#file(digest), JSON.stringify({ format, signatures: stored }));
  }

  #file(digest: string): string {
    return join(this.#directory, `${hash(digest)}.json`);
  }

  #statement(name: string): string {
    return join(this.#directory, 'statements', hash(name));
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
