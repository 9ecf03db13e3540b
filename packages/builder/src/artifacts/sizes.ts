import type { Report } from './artifact.js';

/** The size report. There is none of a prebuilt kernel. */
export const sizes: Report = {
  output: 'sizes',
  ending: '.sizes.json',
  of: ({ linked }) => linked?.sizes,
};
