import type { CapabilityPackage } from './capability-package.js';
import type { ComponentPackage } from './component-package.js';

/** Something that is in a closure or not, and if it is, as one of finitely many candidates. */
export type Package = ComponentPackage | CapabilityPackage;
