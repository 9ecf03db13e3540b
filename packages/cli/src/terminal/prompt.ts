import { createInterface } from 'node:readline/promises';
import { addAbortSignal } from 'node:stream';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/** Asks on stderr, so that stdout stays the result's. Reads one line from the terminal. */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  try {
    return await lines.question(question, { signal });
  } finally {
    lines.close();
  }
}

/** The same without showing what is typed. Ctrl-C and Ctrl-D give up. */
export async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process;
  // First: whoever answers at once is not to be echoed either.
  stdin.setRawMode(true);
  stdin.resume();
  stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = '';
      const giveUp = () => {
        stdin.off('data', take);
        reject(
          new BunnyError('BUNNY_ECANCELLED', 'no password was given', {
            where: question.trim(),
            hint: 'run it again, or give it on standard input: --password-stdin',
            exitStatus: exitStatus.usage,
          }),
        );
      };
      const take = (chunk: Buffer) => {
        for (const character of chunk.toString('utf8')) {
          if (character === '\r' || character === '\n') {
            stdin.off('data', take);
            signal.removeEventListener('abort', giveUp);
            resolve(typed);
            return;
          }
          if (character === '\u0003' || character === '\u0004') {
            giveUp();
            return;
          }
          if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
          else typed += character;
        }
      };
      signal.addEventListener('abort', giveUp, { once: true });
      stdin.on('data', take);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** Everything on stdin, without the end of its last line. Throws AbortError. */
export async function readAllInput(signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, process.stdin)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
