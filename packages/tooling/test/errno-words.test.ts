import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { describe as describeBytes, Layout } from 'bunny-libos-oci';
import { systemError } from 'bunny-libos-spec';

describe('what a file system refuses', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-errno-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('is told in one wording, whichever package meets it', async () => {
    const layout = new Layout(join(directory, 'layout'));
    const words = new Map<string, string>();
    for (const errno of new Set(Object.values(constants.errno))) {
      const code = getSystemErrorName(-errno);
      const refused = Object.assign(new Error(`${code}: refused, write`), { code, errno, syscall: 'write' });
      const content = async function* () {
        yield new Uint8Array(1);
        throw refused;
      };
      await assert.rejects(layout.push(describeBytes('text/plain', Buffer.from('ab')), content), (error) => {
        assert.equal((error as Error).message, systemError(refused)?.message, code);
        words.set(code, (error as Error).message);
        return true;
      });
    }
    assert.equal(words.get(getSystemErrorName(-constants.errno.EDQUOT)), 'your disk quota is used up');
    assert.equal(words.get('EMFILE'), 'this machine refused: EMFILE: refused, write');
  });
});
