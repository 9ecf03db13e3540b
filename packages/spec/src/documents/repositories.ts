/** Repositories that stand beside those of a framework's components: no component can have their names. */
export const toolingRepository = 'tooling';
export const catalogRepository = 'catalog';
