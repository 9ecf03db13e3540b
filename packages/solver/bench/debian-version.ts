/** Order of Debian package versions: deb-version(7). Negative where `a` is older. */
export function compareDebianVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function split(text: string): { epoch: number; upstream: string; revision: string } {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? 0 : Number(text.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Turns of text and numbers, text first; `~` sorts before the end, letters before other characters. */
function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  const left = turns(a);
  const right = turns(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const x = left[i] ?? '';
    const y = right[i] ?? '';
    const order = i % 2 === 0 ? compareLetters(x, y) : Number(x) - Number(y);
    if (order !== 0) return order;
  }
  return 0;
}

function turns(text: string): string[] {
  const found: string[] = text.match(/\D+|\d+/g) ?? [];
  return /^\d/.test(text) ? ['', ...found] : found;
}

function compareLetters(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = rank(a[i]) - rank(b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function rank(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}
