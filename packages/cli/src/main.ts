#!/usr/bin/env node
// The command as it is compiled, module by module. What users get is packed-main.ts.
import { start } from './start.js';

await start(() => import('./program.js'));
