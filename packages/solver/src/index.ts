export { type MemoryUniverse, memoryUniverse } from './memory.js';
export { solve, solveSync } from './solve.js';
export * from './universe.js';
