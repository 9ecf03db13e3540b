/**
 * A library OS that has a build of its own, as directories that `bunny publish` takes.
 *
 *   importSolo5       an installed Solo5
 */
export { type ImportedSolo5, importSolo5, type Solo5Options } from './solo5/import-solo5.js';
