import type { Bunnyfile } from '../documents/bunnyfile.js';
import { own } from '../words/own.js';
import { frameworkViews, targetView } from './per-framework.js';
import type { Path, Problem } from './problem.js';

/** Options that `options` and a dependency without a condition want different values of, for some target. */
export function clashingOptions(bunnyfile: Bunnyfile): Problem[] {
  const found = new Map<string, Problem>();
  const look = (view: Bunnyfile, place: (path: Path) => Path) => {
    for (const [component, option] of askedForTwice(view)) {
      const path = place(['options', component, option]);
      const message = `options: ${JSON.stringify(option)} of ${component} has another value in \`dependencies\``;
      const hint = 'say it in one of the two places';
      found.set(JSON.stringify(path), { code: 'BUNNY_EOPTION', message, path, onKey: true, hint });
    }
  };
  for (const framework of frameworkViews(bunnyfile)) {
    look(framework.value, framework.place);
    for (const target of framework.value.targets) {
      const view = targetView(framework.value, target);
      look(view.value, (path) => framework.place(view.place(path)));
    }
  }
  return [...found.values()];
}

/** Components and their options. */
function askedForTwice({ dependencies, options }: Bunnyfile): [string, string][] {
  return Object.entries(options).flatMap(([name, wanted]) => {
    const dependency = own(dependencies, name);
    if (dependency === undefined || dependency.when !== undefined) return [];
    const differs = (option: string): boolean => {
      const value = own(dependency.options, option);
      return value !== undefined && value !== wanted[option];
    };
    return Object.keys(wanted)
      .filter(differs)
      .map((option): [string, string] => [name, option]);
  });
}
