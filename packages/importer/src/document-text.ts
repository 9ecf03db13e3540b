import { Document } from 'yaml';

/**
 * A document of the importer as YAML, with a first line that says where it comes from. Keys that are undefined are left
 * out. The same value gives the same text.
 */
export function documentText(value: object, comment: string): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  document.commentBefore = ` ${comment}`;
  return document.toString({ lineWidth: 110 });
}
