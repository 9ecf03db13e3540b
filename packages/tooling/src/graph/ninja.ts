import { BunnyError, exitStatus, shellLine } from 'bunny-libos-spec';

/** One step of a build graph: a command that makes files from files. */
export interface Edge {
  /** Program and arguments; no shell reads them. */
  command: readonly string[];
  /** Files that the command names; it is run again when one of them is newer than an output. */
  inputs: readonly string[];
  /** More such files, which the command does not name. */
  implicit?: readonly string[] | undefined;
  /** Files that must be there first, but whose change does not matter. */
  orderOnly?: readonly string[] | undefined;
  outputs: readonly string[];
  /** Dependency file in make's format that the command writes: its files count as implicit inputs. */
  depfile?: string | undefined;
  /** One line for people: `compile src/main.c`. */
  description: string;
}

/** A set of edges. Where an output is an input of another edge, that decides the order. */
export interface BuildGraph {
  edges: readonly Edge[];
}

/** A shell's command line may not be longer than this (MAX_ARG_STRLEN is 128 KiB); longer ones go to a file. */
const longestLine = 64 * 1024;

/**
 * The text of a `build.ninja` for the graph (ninja's manual, "Ninja file reference"). Each edge's
 * description is its number in the graph, so that ninja's progress lines name edges.
 * `builddir` is where ninja keeps its log.
 * Throws BunnyError BUNNY_EPATH where a path or word holds a line break, which ninja cannot express, or an input
 * has a name that ninja does not read back from a dependency file.
 */
export function ninjaFile(graph: BuildGraph, builddir: string): string {
  const lines = [
    'ninja_required_version = 1.10',
    `builddir = ${value(builddir)}`,
    // A path cannot hold a bar as it is, nor is there an escape for one.
    'bar = |',
    'rule run',
    '  command = $words',
    '  description = $number',
    'rule run_long',
    '  command = sh $script',
    '  rspfile = $script',
    '  rspfile_content = $words',
    '  description = $number',
  ];
  graph.edges.forEach((edge, number) => {
    refuseUnusable(edge);
    const words = shellLine(edge.command);
    const long = words.length > longestLine;
    lines.push(
      [
        'build',
        ...edge.outputs.slice(0, -1).map(path),
        `${path(edge.outputs.at(-1) ?? '')}:`,
        long ? 'run_long' : 'run',
        ...edge.inputs.map(path),
        ...listAfter('|', edge.implicit),
        ...listAfter('||', edge.orderOnly),
      ].join(' '),
      `  number = ${number}`,
      `  words = ${value(words)}`,
    );
    if (long) lines.push(`  script = ${value(`${edge.outputs[0]}.sh`)}`);
    if (edge.depfile === undefined) return;
    for (const input of edge.inputs) if (splitting.test(input)) throw unreadable(input, edge);
    lines.push('  deps = gcc', `  depfile = ${value(edge.depfile)}`);
  });
  return `${lines.join('\n')}\n`;
}

/** Characters at which ninja (1.11) splits the names in a dependency file, for want of an escape. */
const splitting = /["&'*;<>?^`|]/;

function unreadable(input: string, { description }: Edge): BunnyError {
  return new BunnyError('BUNNY_EPATH', `ninja cannot follow changes of ${input}`, {
    where: description,
    hint: 'rename the file, without any of " & \' * ; < > ? ^ ` |',
    exitStatus: exitStatus.usage,
  });
}

function listAfter(mark: string, paths: readonly string[] = []): string[] {
  return paths.length === 0 ? [] : [mark, ...paths.map(path)];
}

function path(text: string): string {
  return text.replaceAll(/[$ :]/g, '$$$&').replaceAll('|', '${bar}');
}

function value(text: string): string {
  return text.replaceAll('$', '$$$$').replace(/^ /, '$ ');
}

/** What a build.ninja has no way to write. */
function refuseUnusable(edge: Edge): void {
  const { command, inputs, implicit = [], orderOnly = [], outputs, depfile = '' } = edge;
  const paths = [...inputs, ...implicit, ...orderOnly, ...outputs];
  const broken = [...command, ...paths, depfile].find((text) => /[\n\r\0]/.test(text));
  if (broken === undefined && !paths.includes('')) return;
  throw new BunnyError('BUNNY_EPATH', `ninja cannot express ${JSON.stringify(broken ?? '')}`, {
    where: edge.description,
    hint: 'rename the file, or take the line break out of the command',
    exitStatus: exitStatus.usage,
  });
}
