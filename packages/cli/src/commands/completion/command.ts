import { command } from '../../options/command.js';

const flags = {};

export const completion = command(
  {
    name: 'completion',
    about: 'print a completion script for a shell',
    operands: [{ words: '<SHELL>', choices: ['bash', 'zsh', 'fish'] }],
    flags,
    examples: [
      ['source <(bunny completion bash)', 'bash: this shell'],
      ['bunny completion zsh > ~/.zfunc/_bunny', 'zsh: a directory of $fpath'],
      ['bunny completion fish > ~/.config/fish/completions/bunny.fish', 'fish'],
    ],
  },
  () => import('./run.js'),
);
