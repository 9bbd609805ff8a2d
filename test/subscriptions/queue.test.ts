import { Queue } from '../../src/platform/events/queue';
import { Turns } from '../../src/platform/events/turns';

describe('a queue', () => {
  test('gives what was put in, in order, also to who waits', async () => {
    const queue = new Queue<number>(3);
    const waiting = queue.next();
    expect([1, 2, 3].map((item) => queue.push(item))).toEqual([true, true, true]);
    expect(await waiting).toEqual({ value: 1, done: false });
    expect(await queue.next()).toEqual({ value: 2, done: false });
    expect(await queue.next()).toEqual({ value: 3, done: false });
  });

  test('takes no more than it has room for', () => {
    const queue = new Queue<number>(2);
    expect([1, 2, 3].map((item) => queue.push(item))).toEqual([true, true, false]);
    expect([queue.some((item) => item === 2), queue.some((item) => item === 3)]).toEqual([true, false]);
  });

  test('ends once from either side, and drops what waits', async () => {
    const left = jest.fn();
    const queue = new Queue<number>(2, left);
    queue.push(1);
    queue.end();
    await queue.return();
    expect(left).toHaveBeenCalledTimes(1);
    expect(await queue.next()).toEqual({ value: undefined, done: true });
    const other = new Queue<number>(2);
    const waiting = other.next();
    other.end();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(other.push(1)).toBe(true);
  });
});

test('turns let so many work at a time, also when some fail', async () => {
  const turns = new Turns(2);
  let working = 0;
  let most = 0;
  const work = async (index: number) => {
    most = Math.max(most, (working += 1));
    await new Promise((resolve) => setTimeout(resolve, 2));
    working -= 1;
    if (index % 3 === 0) throw new Error('failed');
    return index;
  };
  const done = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => turns.take(() => work(index))));
  expect(most).toBe(2);
  expect(done.filter(({ status }) => status === 'rejected')).toHaveLength(7);
});
