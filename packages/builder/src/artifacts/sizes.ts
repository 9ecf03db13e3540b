import type { Writer } from './artifact.js';
import { jsonText } from './json-text.js';

/** The size report. There is none of a prebuilt kernel. */
export const sizesWriter: Writer = {
  outputs: { sizes: '.sizes.json' },
  async write(files, { linked }) {
    if (linked !== undefined) await files.write('sizes', jsonText(linked.sizes));
  },
};
