/**
 * A library OS that has a build of its own, as directories that `bunny publish` takes.
 *
 *   importSolo5       an installed Solo5
 *   importUnikraft    finished builds of Unikraft
 */
export { type ImportedSolo5, importSolo5, type Solo5Options } from './solo5/import-solo5.js';
export { type ImportedUnikraft, importUnikraft, type UnikraftOptions } from './unikraft/import-unikraft.js';
