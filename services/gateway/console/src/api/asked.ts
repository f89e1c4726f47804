import { useCallback, useEffect, useRef, useState } from 'react';
import { type Trouble, troubleOf } from './errors';
import { useSession } from './session';

export type Asked<T> =
  | { state: 'loading' }
  | { state: 'failed'; trouble: Trouble }
  | { state: 'there'; value: T };

// Asks once, and again whenever `keys` change, `again` is called or somebody signs in again.
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>, keys: unknown[]) {
  const [asked, setAsked] = useState<Asked<T>>({ state: 'loading' });
  const [round, setRound] = useState(0);
  const session = useSession().state;
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (session !== 'signed_in') return;
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (value) => !abort.signal.aborted && setAsked({ state: 'there', value }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const trouble = troubleOf(error);
        setAsked((before) =>
          // What is shown stays shown while signing in again.
          trouble.kind === 'expired' && before.state === 'there' ? before : { state: 'failed', trouble },
        );
      },
    );
    return () => abort.abort();
  }, [...keys, round, session]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  const put = useCallback((value: T) => setAsked({ state: 'there', value }), []);
  return { asked, again, put };
}
