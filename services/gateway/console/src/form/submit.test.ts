import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Keeper, type Store } from './keeper';
import { Submission, type Try } from './submit';

const lost = () => new ConnectError('no answer', Code.Unavailable);
const kMinute = 60_000;

// Fails as often as there are errors, and is answered then.
function service(...errors: unknown[]) {
  const heard: Try[] = [];
  const send = async (one: Try) => {
    heard.push(one);
    const error = errors.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
  return { heard, send };
}

// google.rpc.BadRequest with one violation: field 1 holds strings 1 and 2.
function violation(field: string, description: string): ConnectError {
  const text = (number: number, value: string) => [number * 8 + 2, value.length, ...new TextEncoder().encode(value)];
  const inner = [...text(1, field), ...text(2, description)];
  const error = new ConnectError('Put right what is listed.', Code.InvalidArgument);
  error.details.push({ type: 'google.rpc.BadRequest', value: new Uint8Array([10, inner.length, ...inner]) });
  return error;
}

describe('what is submitted', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const settled = async <T>(running: Promise<T>) => {
    await vi.advanceTimersByTimeAsync(2 * kMinute);
    return running;
  };

  it('goes out under the same id and the same instant until it is answered', async () => {
    const { heard, send } = service(...Array.from({ length: 10 }, lost));
    const submission = new Submission();
    expect(await settled(submission.run({ send }))).toBe(false);
    expect(submission.now.trouble?.kind).toBe('offline');
    vi.setSystemTime(Date.now() + kMinute);
    expect(await settled(submission.run({ send }))).toBe(true);
    expect(heard.length).toBe(11);
    expect(new Set(heard.map((one) => one.requestId)).size).toBe(1);
    expect(new Set(heard.map((one) => one.atMs)).size).toBe(1);
  });

  it('keeps its id when the service broke over it, for it may have happened', async () => {
    const { heard, send } = service(new ConnectError('oh', Code.Internal));
    const submission = new Submission();
    await settled(submission.run({ send }));
    await settled(submission.run({ send }));
    expect(heard[0]!.requestId).toBe(heard[1]!.requestId);
  });

  it('is another act after an answer, whichever', async () => {
    const { heard, send } = service(undefined, new ConnectError('no', Code.FailedPrecondition));
    const submission = new Submission();
    for (const expected of [true, false, true]) expect(await settled(submission.run({ send }))).toBe(expected);
    expect(new Set(heard.map((one) => one.requestId)).size).toBe(3);
  });

  it('is another act under another name', async () => {
    const { heard, send } = service(...Array.from({ length: 8 }, lost));
    const submission = new Submission();
    await settled(submission.run({ name: 'accept', send }));
    await settled(submission.run({ name: 'dispute', send }));
    expect(heard.at(-1)!.requestId).not.toBe(heard[0]!.requestId);
  });

  it('shows which fields were refused, and asks its form for another id', async () => {
    const refused = vi.fn();
    const { heard, send } = service(violation('seen.seen_time', 'It lies in the future.'));
    const submission = new Submission();
    expect(await settled(submission.run({ requestId: 'kept', refused, send }))).toBe(false);
    expect(heard.map((one) => one.requestId)).toEqual(['kept']);
    expect(refused).toHaveBeenCalledOnce();
    expect(submission.now.trouble?.fields).toEqual([{ field: 'seen.seen_time', message: 'It lies in the future.' }]);
    submission.clear();
    expect(submission.now.trouble).toBeUndefined();
  });

  it('keeps draft and id when the session has ended, and discards the draft once it is done', async () => {
    const kept = new Map<string, string>();
    const store: Store = {
      save: async (form, content) => void kept.set(form, content),
      remove: async (form) => void kept.delete(form),
    };
    const keeper = new Keeper('form', store);
    keeper.later('typed');
    await keeper.now();
    const refused = vi.fn();
    const { heard, send } = service(new ConnectError('sign in', Code.Unauthenticated));
    const submission = new Submission();
    const act = { requestId: 'kept', refused, send, done: () => void keeper.discard() };
    expect(await settled(submission.run(act))).toBe(false);
    expect(submission.now.trouble?.kind).toBe('expired');
    expect(kept.get('form')).toBe('typed');
    expect(refused).not.toHaveBeenCalled();
    expect(await settled(submission.run(act))).toBe(true);
    expect(heard.map((one) => one.requestId)).toEqual(['kept', 'kept']);
    expect(kept.has('form')).toBe(false);
  });

  it('says that it is being sent, and how often it was sent again', async () => {
    const said: [boolean, number][] = [];
    const submission = new Submission();
    submission.subscribe(() => said.push([submission.now.sending, submission.now.attempt]));
    await settled(submission.run({ send: service(lost(), lost()).send }));
    expect(said).toEqual([[true, 0], [true, 1], [true, 2], [false, 0]]);
  });
});
