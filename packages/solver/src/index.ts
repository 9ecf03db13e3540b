export * from './universe.js';
