/** The value of a record's own key. What a prototype has under that name, as `constructor`, nobody wrote there. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
