import assert from 'node:assert/strict';
import { OciError, type OciRemedy } from 'bunny-libos-oci';
import { hintOf } from './report-error.js';

describe('the hint of an error of the OCI client', () => {
  const hint = (more: { remedy?: OciRemedy; login?: string }) =>
    hintOf(new OciError('BUNNY_ENETWORK', 'no', { where: 'there', hint: 'do it', ...more }));

  it('names the flag or the command that does it', () => {
    assert.match(hint({ remedy: 'plain-http' }), /--plain-http/);
    assert.match(hint({ remedy: 'trust' }), /--ca-file.*--insecure/);
    assert.match(hint({ remedy: 'online' }), /without --offline/);
    assert.equal(hint({ login: 'ghcr.io' }), 'do it: `bunny login ghcr.io`');
  });

  it('stays as it is where none does', () => assert.equal(hint({}), 'do it'));
});
