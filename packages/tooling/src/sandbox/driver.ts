import type { SandboxCommand } from './command.js';
import type { ControlGroup } from './control-group.js';
import type { HostProcess } from './host-process.js';
import type { Limits } from './limits.js';

/** What a driver makes a sandbox from. */
export interface DriverRequest {
  command: SandboxCommand;
  limits: Limits;
  group: ControlGroup;
  /** For `stop`. */
  name: string;
  /** A directory for files that are for this run only. Made when it is first asked for, and goes at the end. */
  scratch: () => string;
}

/** How a process ended that was to run a command in a sandbox. */
export interface Ended {
  status: number;
  stderr: string;
  /** What was reported; '' where nothing was. */
  report: string;
}

/** A program that can make the sandbox. */
export interface SandboxDriver {
  name: string;
  /** Debian package that holds it. */
  package: string;
  /**
   * The process of the host that runs a command in a sandbox. Starts nothing; looks at the entries of the root, and for
   * programs on the PATH. Throws BUNNY_ESANDBOX.
   */
  process(request: DriverRequest): HostProcess;
  /** The id of a process in the sandbox, where it does not descend from the one that makes it. */
  inside?(request: DriverRequest): number | undefined;
  /** Joins control groups that others have made. */
  joinsGroups?: boolean | undefined;
  /** What it runs goes on when this process is killed, but for the end of its input. */
  endsWithInput?: boolean | undefined;
  /** The command line that ends the sandbox of this name, where killing the other is not enough. */
  stop?(name: string): string[];
  /** Why it could not start the command; undefined where it did. */
  refusal(ended: Ended): string | undefined;
  /** Of such words: that the root has no such program. */
  noProgram: RegExp;
}
