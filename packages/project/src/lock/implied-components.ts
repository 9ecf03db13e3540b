// Loaded by itself, where an app is solved for: importing a whole package loads all of it.
export { impliedComponents } from 'bunny-libos-builder';
