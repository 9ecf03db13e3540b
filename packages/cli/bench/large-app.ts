import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const files = 8;
const functions = 40;

/**
 * Writes an app of the size that people have: what `app` is, with eight sources of some 1,000 lines each, all of them
 * linked. Returns the source to change.
 */
export function makeLargeApp(app: string, directory: string): string {
  cpSync(app, directory, { recursive: true });
  const changed = join(directory, 'src/part0.c');
  for (let file = 0; file < files; file++) {
    const bodies = Array.from({ length: functions }, (_, index) => source(file, index));
    const table = Array.from({ length: functions }, (_, index) => `scan_${file}_${index}`);
    writeFileSync(
      join(directory, `src/part${file}.c`),
      `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\n${bodies.join('\n')}\n` +
        `int (*const __attribute__((retain, used)) part_${file}[])(const char *, char *, int) = {\n\t${table.join(',\n\t')},\n};\n`,
    );
  }
  return changed;
}

/** A function as an app has them: a loop over text, decisions, calls of the library. */
function source(file: number, index: number): string {
  const [a, b, c] = [index + 3, file + 5, ((index * 7 + file * 3) % 26) + 97];
  return `static int scan_${file}_${index}(const char *text, char *out, int room)
{
	int depth = 0, words = 0, n = 0;
	unsigned hash = ${a * b}u;

	for (const char *p = text; *p != '\\0'; p++) {
		switch (*p) {
		case '(':
			depth++;
			break;
		case ')':
			if (--depth < 0)
				return -${a};
			break;
		case ${c}:
			hash = hash * ${2 * a + 1}u + (unsigned char)p[0];
			if (n + ${b} < room)
				n += snprintf(out + n, room - n, "%u:%d;", hash, depth);
			break;
		default:
			words += p > text && p[-1] == ' ' && *p != ' ';
			hash ^= (hash << ${(index % 13) + 3}) + (hash >> ${(file % 7) + 2}) + (unsigned char)*p;
		}
	}
	if (strncmp(text, "part${file}", ${Math.min(5, a)}) == 0)
		words += atoi(text + ${Math.min(5, b)});
	return depth == 0 ? words + (int)(hash % ${a}u) : n;
}
`;
}
