/**
 * A library OS that has a build of its own, as directories that `bunny publish` takes.
 *
 *   importSolo5       an installed Solo5
 *   importUnikraft    finished builds of Unikraft
 */
export { importSolo5 } from './solo5/import-solo5.js';
export { importUnikraft } from './unikraft/import-unikraft.js';
