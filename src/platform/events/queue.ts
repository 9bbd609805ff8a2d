/** Items that wait for who takes them, one after another; bounded. */
export class Queue<Item> implements AsyncGenerator<Item, void, undefined> {
  private readonly items: Item[] = [];
  private taker: ((taken: IteratorResult<Item, void>) => void) | null = null;
  private ended = false;

  /**
   * @param most how many wait at most
   * @param left called once, when it ends from either side
   */
  constructor(
    private readonly most: number,
    private readonly left: () => void = () => undefined,
  ) {}

  /** Puts an item at the end. @returns false when it is full, and the item is not in it */
  push(item: Item): boolean {
    if (this.ended) return true;
    if (this.taker) {
      this.taker({ value: item, done: false });
      this.taker = null;
      return true;
    }
    if (this.items.length >= this.most) return false;
    this.items.push(item);
    return true;
  }

  /** Whether one of those that wait is such. */
  some(is: (item: Item) => boolean): boolean {
    return this.items.some(is);
  }

  /** Ends at once: what still waits is dropped. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.items.length = 0;
    this.taker?.({ value: undefined, done: true });
    this.taker = null;
    this.left();
  }

  next(): Promise<IteratorResult<Item, void>> {
    if (this.ended) return Promise.resolve({ value: undefined, done: true });
    if (this.items.length > 0) return Promise.resolve({ value: this.items.shift()!, done: false });
    return new Promise((resolve) => (this.taker = resolve));
  }

  return(): Promise<IteratorResult<Item, void>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error: Error): Promise<IteratorResult<Item, void>> {
    this.end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }
}
