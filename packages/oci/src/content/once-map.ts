/**
 * What was computed for each key. Who asks for the same at the same time shares one computation; a failure is told to all
 * who share it and is not kept, so that who asks later tries again.
 */
export class OnceMap<Key, Value> {
  readonly #known = new Map<Key, Promise<Value>>();

  get(key: Key, compute: () => Promise<Value>): Promise<Value> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const computed = compute();
    this.#known.set(key, computed);
    computed.catch(() => {
      if (this.#known.get(key) === computed) this.#known.delete(key);
    });
    return computed;
  }

  /** As `get`, but what was computed is not kept: who asks after that has it computed again. */
  share(key: Key, compute: () => Promise<Value>): Promise<Value> {
    return this.get(key, async () => {
      try {
        return await compute();
      } finally {
        this.#known.delete(key);
      }
    });
  }

  /** What is known of a key or being computed for it. Nothing is computed. */
  peek(key: Key): Promise<Value> | undefined {
    return this.#known.get(key);
  }

  has(key: Key): boolean {
    return this.#known.has(key);
  }

  set(key: Key, value: Value): void {
    this.#known.set(key, Promise.resolve(value));
  }

  delete(key: Key): void {
    this.#known.delete(key);
  }

  /** In the order in which they were first asked for. */
  values(): IterableIterator<Promise<Value>> {
    return this.#known.values();
  }
}
