// Sending one act: over a poor network the same request goes out under the same id until an answer came.
// Only what was answered is another act the next time.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { nowMs } from '../api/clock';
import { type Trouble, troubleOf } from '../api/errors';
import { newRequestId } from '../api/ids';
import { persist } from '../api/transport';

export interface Sent {
  sending: boolean;
  // How often it has been sent again.
  attempt: number;
  trouble: Trouble | undefined;
}

// An act as it was first tried: its id, and the instant that it calls now.
export interface Try {
  requestId: string;
  atMs: number;
}

interface Act<T> {
  // Tells the acts of one place from each other, and from the same act with another answer.
  name?: string;
  // Of a form whose draft keeps it; what was refused is `refused`, to give the form another one.
  requestId?: string;
  refused?: () => void;
  send: (one: Try) => Promise<T>;
  done?: (answer: T) => void;
}

// Nobody knows whether it happened: lost on the way, turned away for want of a session, or given to a service
// that broke over it.
const kUnanswered: Trouble['kind'][] = ['offline', 'expired', 'failed'];

const kIdle: Sent = { sending: false, attempt: 0, trouble: undefined };

export class Submission {
  now: Sent = kIdle;
  private readonly tries = new Map<string, Try>();
  private readonly listeners = new Set<() => void>();

  // Whether it was done. Tried until it is answered, for about a minute.
  async run<T>({ name = '', requestId, refused, send, done }: Act<T>): Promise<boolean> {
    const key = requestId ?? name;
    const one = this.tries.get(key) ?? { requestId: requestId ?? newRequestId(), atMs: nowMs() };
    this.tries.set(key, one);
    this.become({ ...kIdle, sending: true });
    let answer: T;
    try {
      answer = await persist(() => send(one), (attempt) => this.become({ ...this.now, attempt }));
    } catch (error) {
      const trouble = troubleOf(error);
      if (!kUnanswered.includes(trouble.kind)) {
        this.tries.delete(key);
        refused?.();
      }
      this.become({ ...kIdle, trouble });
      return false;
    }
    this.tries.delete(key);
    this.become(kIdle);
    done?.(answer);
    return true;
  }

  clear() {
    this.become({ ...this.now, trouble: undefined });
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  private become(next: Sent) {
    this.now = next;
    for (const listener of this.listeners) listener();
  }
}

// A form's sending. `summary` is for its Problems, which the focus goes to when something is wrong; `look`
// takes it there for what the form itself has found.
export function useSubmit() {
  const [submission] = useState(() => new Submission());
  const sent = useSyncExternalStore(submission.subscribe, () => submission.now);
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (sent.trouble) summary.current?.focus();
  }, [sent.trouble]);
  const look = useCallback(() => void requestAnimationFrame(() => requestAnimationFrame(() => summary.current?.focus())), []);
  const run = useCallback(<T>(act: Act<T>) => submission.run(act), [submission]);
  const clear = useCallback(() => submission.clear(), [submission]);
  return { ...sent, summary, look, run, clear };
}
