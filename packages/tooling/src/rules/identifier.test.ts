import assert from 'node:assert/strict';
import { generatedSymbols, identifierOf } from './identifier.js';

describe('identifierOf', () => {
  it('keeps what C takes', () => {
    assert.equal(identifierOf('libuk_9p'), 'libuk_9p');
    assert.equal(identifierOf('my-app.v2'), 'my_app_v2');
  });
});

describe('generatedSymbols', () => {
  it('gives one for each name where the identifier is part of the symbol', () => {
    const defines = ['table', 'id_$identifier', '${identifier}_id', 'a$b', '$identifiers'];
    assert.deepEqual(generatedSymbols({ defines }, ['my-app', 'net']), [
      ...['table', 'id_my_app', 'id_net', 'my_app_id', 'net_id'],
      ...['a$b', '$identifiers'],
    ]);
  });
});
