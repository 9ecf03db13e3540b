// For import(), where an app is solved for: that of a whole package would load all of it.
export { impliedComponents } from 'bunny-libos-builder';
