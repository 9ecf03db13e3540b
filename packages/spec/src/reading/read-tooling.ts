import { validate } from '#validators/tooling-source';
import type { RootfsSource, Tooling } from '../documents/tooling.js';
import { type Document, readYamlDocument } from './document.js';
import { given, words } from './shorthand.js';
import { normaliseRules, type RawRules, rulesProblems } from './tooling-rules.js';
import { toolingSourceProblems } from './tooling-source-problems.js';

interface RawTooling extends RawRules {
  overlay?: string;
  rootfs: Omit<RootfsSource, 'command'> & {
    command?: { run: string | string[]; inputs?: string[] };
  };
}

/**
 * Reads `tooling.yaml`. `file` is for messages.
 * Throws one BunnyError with all that is wrong: BUNNY_EYAML, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE, BUNNY_ENAME,
 * BUNNY_EVERSION, BUNNY_ERANGE, BUNNY_EPATH, BUNNY_EOPTION, BUNNY_ESETTING, BUNNY_EARTIFACT, BUNNY_ETOOLARGE.
 */
export function readTooling(text: string, file: string): Document<Tooling> {
  return readYamlDocument<RawTooling, Tooling>(text, file, {
    validate,
    normalise: (raw) => ({ ...normaliseRules(raw), rootfs: rootfs(raw.rootfs), ...given(raw, 'overlay') }),
    check: (rules, raw) => [...rulesProblems(rules), ...toolingSourceProblems(rules, raw)],
  });
}

function rootfs({ command, ...source }: RawTooling['rootfs']): RootfsSource {
  if (command === undefined) return source;
  return { command: { run: words(command.run), inputs: command.inputs ?? [] } };
}
