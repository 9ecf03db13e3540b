export type { Objection } from './explain/objections.js';
export { type MemoryUniverse, memoryUniverse } from './memory.js';
export { objections, solve, solveSync } from './solve.js';
export * from './universe.js';
