/** A file that is not an ELF object that can be read: damaged, of another format, or made to mislead. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
  readonly code = 'BUNNY_EOBJECT';
  /** The caller knows the file; this package sees only bytes. */
  readonly where: string | undefined;
  readonly hint: string | undefined;
  readonly details: readonly string[] = [];
  /** Exit status of the command line: the build failed. */
  readonly exitStatus = 5;

  constructor(summary: string, more: { where?: string; hint?: string } = {}) {
    super(summary);
    this.where = more.where;
    this.hint = more.hint;
  }
}
