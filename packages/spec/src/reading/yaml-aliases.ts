import { type Document, isAlias, isNode, isScalar, isSeq, type Node, Scalar, visit } from 'yaml';

/** Why the aliases of a document cannot be written out, and the offset of the place that shows it. */
export interface AliasFault {
  message: string;
  offset: number;
}

/**
 * What is wrong with the aliases or merge keys of a document that cannot be turned into plain data: one that names
 * no anchor before it, one within its own anchor, a merge key that merges no map. Where each is well by itself they
 * multiply, which the last one shows.
 */
export function aliasFault(document: Document): AliasFault {
  const anchors = new Set<string>();
  let last = 0;
  let fault: AliasFault | undefined;
  const stop = (message: string, node: unknown) => {
    fault = { message, offset: (isNode(node) ? node.range?.[0] : undefined) ?? 0 };
    return visit.BREAK;
  };
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.add(node.anchor);
    },
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== '<<' || key.type !== Scalar.PLAIN) return undefined;
      const sources = isSeq(value) ? value.items : [value];
      if (sources.every((source) => !isScalar(isAlias(source) ? source.resolve(document) : source)))
        return undefined;
      return stop('a merge key (<<) takes a map, or an alias of one', value ?? key);
    },
    Alias(_, alias, above) {
      last = alias.range?.[0] ?? last;
      if (!anchors.has(alias.source))
        return stop(`the alias *${alias.source} names no anchor before it`, alias);
      const isInside = above.some(
        (node) => (node as Partial<Node> & { anchor?: string }).anchor === alias.source,
      );
      return isInside ? stop(`the alias *${alias.source} is within its own anchor`, alias) : undefined;
    },
  });
  return fault ?? { message: 'aliases expand to too many values', offset: last };
}
