import type { LockFlags as ProjectFlags } from 'bunny-libos-project';
import type { CommonFlags } from '../options/action.js';
import type { NetworkFlags } from './network.js';

/** Flags of commands that bring the lock up to date. */
export interface LockFlags extends CommonFlags, NetworkFlags, ProjectFlags {}
