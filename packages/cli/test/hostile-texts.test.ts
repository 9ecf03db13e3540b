import assert from 'node:assert/strict';
import { openTarget, packManifest, pushBytes } from 'bunny-libos-oci';
import { mediaTypes } from 'bunny-libos-spec';
import { bunny, bunnyDone } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';

describe('texts that strangers publish', () => {
  it('have a terminal do nothing: what it would obey is shown', async () => {
    const registry = `oci:${await temporaryDirectory('hostile-texts')}`;
    const store = await temporaryDirectory('store');
    const catalog = openTarget(`${registry}:warren/catalog`);
    const entry = {
      schema: 'https://bunny-libos.github.io/schema/catalog/v1',
      framework: 'warren',
      name: 'net',
      description: 'clears \u001b[2J and names\u009b31m \u001b]0;title\u0007\n\u001b[31mred\u202e\u200b',
      versions: [
        {
          version: '1.0.0',
          provides: {},
          variants: [{ tag: '1.0.0_0123456789abcdef', settings: {}, options: {} }],
          contents: { headers: [], symbols: [{ names: ['nearby\rtcp', 'x\nlicense       MIT'] }] },
        },
      ],
    };
    const layer = await pushBytes(catalog, mediaTypes.catalogEntry, Buffer.from(JSON.stringify(entry)));
    await catalog.tag(
      await packManifest(catalog, { artifactType: mediaTypes.catalog, layers: [layer] }),
      'net',
    );

    const shown =
      'clears \\u{1b}[2J and names\\u{9b}31m \\u{1b}]0;title\\u{7} \\u{1b}[31mred\\u{202e}\\u{200b}';
    const place = ['--framework', 'warren', '--from', registry];
    const found = await bunnyDone(['search', ...place], { store });
    assert.ok(found.stdout.includes(shown), found.stdout);
    const inspected = await bunnyDone(['inspect', `${registry}:warren/catalog:net`], { store });
    assert.ok(inspected.stdout.includes(shown), inspected.stdout);
    assert.ok(inspected.stdout.includes('\\u{a}license '), inspected.stdout);
    const json = await bunnyDone(['search', '--json', ...place], { store });
    assert.match(json.stdout, /^[\x20-\x7e\n]+$/);
    const colours = { store, env: { FORCE_COLOR: '1' } };
    const wrong = await bunny(['inspect', '\u001b[31m\u202e'], colours);
    assert.ok(wrong.stderr.startsWith('\u001b[1m\u001b[31merror'), wrong.stderr);
    assert.match(wrong.stderr, /\\u\{1b\}\[31m\\u\{202e\}/);
    assert.doesNotMatch(wrong.stderr, /\u202e/);
    const { stderr } = await bunny(['search', '--symbol', 'nearbytcp', ...place], { store });
    assert.match(stderr, /did you mean nearby\\u\{d\}tcp\?/);
  });
});
