import { matchesPattern } from 'bunny-libos-tooling';

/**
 * Whether linker scripts put the input sections of a name into the image, as far as their text tells: what is named
 * under /DISCARD/ does not count, and a script that includes others may. (GNU ld manual, "Input Section Description")
 */
export function carriesSection(scripts: readonly string[], name: string): boolean {
  return scripts.some((script) => {
    const text = withoutComments(script).replaceAll(/\/DISCARD\/\s*:\s*\{[^{}]*\}/g, ' ');
    return (
      /\bINCLUDE\b|\*\s*\(\s*\*\s*\)/.test(text) ||
      wordsInParentheses(text).some((word) => word !== '*' && matchesPattern(name, word))
    );
  });
}

function withoutComments(script: string): string {
  const parts: string[] = [];
  for (let end = 0; ; ) {
    const start = script.indexOf('/*', end);
    parts.push(script.slice(end, start < 0 ? undefined : start));
    const close = start < 0 ? -1 : script.indexOf('*/', start + 2);
    if (close < 0) return parts.join(' ');
    end = close + 2;
  }
}

/** Patterns of sections stand there, and of files: a star alone is one of these. */
function wordsInParentheses(text: string): string[] {
  const words: string[] = [];
  let depth = 0;
  for (const part of text.split(/([()])/)) {
    if (part === '(') depth++;
    else if (part === ')') depth--;
    else if (depth > 0) for (const word of part.split(/[\s,]+/)) if (word !== '') words.push(word);
  }
  return words;
}
