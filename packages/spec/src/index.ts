export * from './bunnyfile.js';
export * from './canonical.js';
export * from './component.js';
export * from './errors.js';
export * from './lock.js';
export * from './media-types.js';
export * from './tooling.js';
export * from './vocabulary.js';
