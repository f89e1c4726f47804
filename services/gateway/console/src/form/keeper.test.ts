import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Keeper, type Store } from './keeper';

// Answers when it is told to.
class Slow implements Store {
  asked: string[] = [];
  private answers: { yes: () => void; no: (error: unknown) => void }[] = [];

  save(_: string, content: string) {
    return this.take(`save ${content}`);
  }
  remove() {
    return this.take('remove');
  }
  async answer(error?: unknown) {
    const next = this.answers.shift()!;
    if (error === undefined) next.yes();
    else next.no(error);
    await vi.advanceTimersByTimeAsync(0);
  }
  private take(what: string) {
    this.asked.push(what);
    return new Promise<void>((yes, no) => this.answers.push({ yes, no }));
  }
}

const offline = () => new ConnectError('down', Code.Unavailable);
const expired = () => new ConnectError('sign in', Code.Unauthenticated);

describe('what is typed', () => {
  let store: Slow;
  let keeper: Keeper;
  beforeEach(() => {
    vi.useFakeTimers();
    store = new Slow();
    keeper = new Keeper('form', store);
  });
  afterEach(() => vi.useRealTimers());

  it('is saved when the typing pauses, and what was typed last wins', async () => {
    keeper.later('a');
    await vi.advanceTimersByTimeAsync(500);
    keeper.later('ab');
    await vi.advanceTimersByTimeAsync(500);
    expect(store.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(300);
    expect(store.asked).toEqual(['save ab']);
    keeper.later('abc');
    keeper.later('abcd');
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.asked, 'one at a time').toEqual(['save ab']);
    await store.answer();
    expect(store.asked).toEqual(['save ab', 'save abcd']);
    await store.answer();
    expect(keeper.unsaved).toBeUndefined();
  });

  it('is kept and tried again while the network is down', async () => {
    keeper.later('a');
    await vi.advanceTimersByTimeAsync(700);
    await store.answer(offline());
    expect(keeper.unsaved).toBe('a');
    await vi.advanceTimersByTimeAsync(1000);
    await store.answer(offline());
    await vi.advanceTimersByTimeAsync(1999);
    expect(store.asked.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    await store.answer();
    expect(store.asked.length).toBe(3);
    expect(keeper.unsaved).toBeUndefined();
  });

  it('is kept until somebody signs in again', async () => {
    keeper.later('a');
    await vi.advanceTimersByTimeAsync(700);
    await store.answer(expired());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.asked.length).toBe(1);
    expect(keeper.unsaved).toBe('a');
    void keeper.now();
    await store.answer();
    expect(keeper.unsaved).toBeUndefined();
  });

  it('does not come back after the form was sent', async () => {
    keeper.later('a');
    await vi.advanceTimersByTimeAsync(700);
    void keeper.discard();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.asked).toEqual(['save a']);
    await store.answer();
    expect(store.asked).toEqual(['save a', 'remove']);
    await store.answer(offline());
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.asked).toEqual(['save a', 'remove', 'remove']);
    await store.answer();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.asked.length).toBe(3);
  });

  it('goes on without a draft where there may be none', async () => {
    keeper.later('a');
    await vi.advanceTimersByTimeAsync(700);
    await store.answer(new ConnectError('no', Code.PermissionDenied));
    expect(keeper.unsaved).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.asked.length).toBe(1);
  });
});
