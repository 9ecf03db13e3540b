import { createReadStream } from 'node:fs';
import { systemError } from 'bunny-libos-spec';
import { keyError } from './key-error.js';

/** Bytes. The largest key that is read, RSA of 4096 bits and encrypted, has about 6,000. */
const largestKey = 64 * 1024;

/**
 * The text of a key where the command line says that it is: the path of a file, or `env://NAME` for a variable of the
 * environment. Throws BUNNY_EKEY.
 */
export async function readKeyText(
  place: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const [, scheme, rest = ''] = /^([a-z0-9+.-]+):\/\/(.*)$/is.exec(place) ?? [];
  if (scheme === undefined) return readKeyFile(place);
  if (scheme.toLowerCase() !== 'env') {
    throw keyError(
      `keys are not read from ${scheme}://`,
      place,
      'name a file, or write env://NAME for a variable of the environment',
    );
  }
  const text = environment[rest];
  if (text !== undefined && text !== '') return text;
  throw keyError(`the variable ${rest} is not set`, place, 'set it to the text of the key');
}

async function readKeyFile(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Not by its size: what a shell gives for `<(command)` is a pipe.
    for await (const chunk of createReadStream(path, { end: largestKey })) {
      chunks.push(chunk);
      size += chunk.length;
    }
  } catch (error) {
    const summary = systemError(error)?.message ?? 'the key cannot be read';
    throw keyError(
      summary,
      path,
      'name the file of a key that you may read: `bunny keygen` makes one',
      error,
    );
  }
  if (size > largestKey) throw keyError('this file is too large to be a key', path, 'name the file of a key');
  return Buffer.concat(chunks).toString('utf8');
}
