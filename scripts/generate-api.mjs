// Writes docs/api/*.md: what the packages that stand alone export, with the comments that stand above it in their
// declarations. `--check` compares only. Compile first: it reads dist/.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const packages = ['oci', 'solver'];
const check = process.argv.includes('--check');

const declared = /^export (?:declare )?((?:abstract )?(?:class|interface|function|const|type) (\w+).*)$/;

/** Name -> { comment, text } of what one file of declarations holds. */
function declarations(file) {
  const found = new Map();
  const lines = readFileSync(file, 'utf8').split('\n');
  let comment = [];
  for (let at = 0; at < lines.length; at++) {
    const start = declared.exec(lines[at]);
    if (start === null) {
      // The comment of a declaration stands right above it.
      if (lines[at].startsWith('/**')) comment = [lines[at]];
      else if (/^ \*/.test(lines[at])) comment.push(lines[at]);
      else comment = [];
      continue;
    }
    const [, first, name] = start;
    const text = [first];
    let depth = nesting(first);
    while ((depth > 0 || !/[;}]$/.test(text.at(-1))) && at + 1 < lines.length) {
      at++;
      text.push(lines[at]);
      depth += nesting(lines[at]);
    }
    const known = found.get(name);
    // Overloads.
    if (known !== undefined) known.text = known.text.concat(text);
    else found.set(name, { comment: comment.join('\n'), text });
    comment = [];
  }
  return found;
}

/** Brackets that a line opens less those that it closes. */
function nesting(line) {
  const code = line.replace(/\/\*.*?\*\/|^\s*\/?\*.*|\/\/.*|'[^']*'|=>/g, '');
  return (code.match(/[{([<]/g) ?? []).length - (code.match(/[})\]>]/g) ?? []).length;
}

/** Name -> declaration of all that a face exports. */
function exportsOf(face) {
  const all = new Map();
  const source = readFileSync(face, 'utf8');
  for (const [, names, from] of source.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from '(\.[^']+)';/gm)) {
    const file = join(dirname(face), from.replace(/\.js$/, '.d.ts'));
    const found = declarations(file);
    const wanted =
      names === '*'
        ? [...found.keys()]
        : names
            .slice(1, -1)
            .split(',')
            .map((name) => name.trim().replace(/^type /, ''));
    for (const name of wanted.filter((each) => each !== '')) {
      const one = found.get(name);
      if (one === undefined) throw new Error(`${file} does not declare ${name}`);
      all.set(name, one);
    }
  }
  return all;
}

/** The words of a comment, as Markdown. */
function prose(comment) {
  return comment
    .replace(/^\/\*\*\s?|\s*\*\/\n?$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}

function page(name) {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  const all = exportsOf(join(root, 'packages', name, 'dist/src/index.d.ts'));
  const lines = [
    `# ${manifest.name}`,
    '<!-- Made by `npm run reference` from the comments in the sources. Do not edit. -->',
    `${manifest.description}. How the parts go together: [README](../../packages/${name}/README.md).`,
  ];
  const byName = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  const kinds = [
    ['Classes', /^(abstract )?class/],
    ['Functions', /^function/],
    ['Types', /^(interface|type)/],
    ['Constants', /^const/],
  ];
  for (const [heading, kind] of kinds) {
    const some = byName.filter(([, { text }]) => kind.test(text[0]));
    if (some.length === 0) continue;
    lines.push(`## ${heading}`);
    for (const [title, { comment, text }] of some) {
      lines.push(`### ${title}`);
      if (comment !== '') lines.push(prose(comment));
      const shown = text.filter((line) => line.trim() !== '#private;').join('\n');
      lines.push(`\`\`\`ts\n${shown}\n\`\`\``);
    }
  }
  return `${lines.join('\n\n')}\n`;
}

for (const name of packages) {
  const file = join(root, 'docs/api', `${name}.md`);
  const text = page(name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (check) {
    console.error(`docs/api/${name}.md is not what the sources say: npm run reference`);
    process.exitCode = 1;
  } else writeFileSync(file, text);
}
