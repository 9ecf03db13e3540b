export type { Objection } from './explain/objections.js';
export { type MemoryUniverse, memoryUniverse } from './search/memory.js';
export type {
  Aim,
  Candidate,
  Capability,
  Condition,
  Cost,
  Failure,
  Requirement,
  Requirements,
  Root,
  Scalar,
  Selected,
  Solution,
  SolveOptions,
  Universe,
} from './search/universe.js';
export { objections, solve, solveSync } from './solve.js';
