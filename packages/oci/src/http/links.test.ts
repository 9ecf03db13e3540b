import assert from 'node:assert/strict';
import { parseLinks } from './links.js';

/** Where a header leads to next. */
const next = (header: string): string | undefined =>
  parseLinks(header).find(({ rel }) => rel.includes('next'))?.target;

describe('Link headers', () => {
  it('are read as RFC 8288 has them', () => {
    const forms = [
      '</v2/a?n=2>; rel="next"',
      '</v2/a?n=2>;rel=next',
      '  ,, </v2/a?n=2> ; REL = "Next" , ',
      '</v2/a?n=2>; rel="last next"',
      '</v2/a?n=2>; title="a,b"; rel="next"',
      '</v2/a?n=2>; title="a\\";b>,<c>"; rel="next"; type=x',
      '</other>; rel="prev", </v2/a?n=2>; rel="next"',
      '</other>; title="x, <y>; rel=\\"next\\""; rel=first, </v2/a?n=2>; rel=next',
      '</v2/a?n=2>; flag; rel="next"',
    ];
    for (const form of forms) assert.equal(next(form), '/v2/a?n=2', form);
    assert.equal(next('</a,b;rel=prev>; rel="next"'), '/a,b;rel=prev');
  });

  it('lead nowhere where they name no next page', () => {
    const forms = [
      '',
      'nonsense',
      '</a',
      '</a>',
      '</a>; rel="prev"; rel="next"',
      '</a>; title="rel=next"',
      '</a>; rel="nextpage"',
    ];
    for (const form of forms) assert.equal(next(form), undefined, form);
  });

  it('take time in proportion to their length', () => {
    for (const part of ['</a>; rel="', '<', ',', '; ', '\\"', '</a>;;']) parseLinks(part.repeat(20_000));
  });
});
