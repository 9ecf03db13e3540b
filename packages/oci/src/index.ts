export * from './descriptor.js';
export * from './target.js';
