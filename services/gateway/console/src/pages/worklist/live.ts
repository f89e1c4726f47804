// The worklist as it stands: the first lines by a stream that never ends, what is below them page by
// page as it is scrolled to.
import { useCallback, useEffect, useReducer, useRef } from 'react';
import { learnNow } from '../../api/clock';
import { newRequestId } from '../../api/ids';
import { type Trouble, troubleOf } from '../../api/errors';
import { useSession } from '../../api/session';
import { client } from '../../api/transport';
import { SchedulingService } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import { Tab, type WorklistItem } from '../../gen/waymark/scheduling/v1/worklist_pb';

const kLive = 200;
const kPage = 500;

interface Filter {
  tab: Tab;
  mine: boolean;
}

interface Listed {
  items: WorklistItem[];
  total: number;
  // How many of the items the stream keeps right.
  live: number;
  token: string;
  connected: boolean;
  trouble?: Trouble;
  loaded: boolean;
}

type Change =
  | { kind: 'first'; items: WorklistItem[]; total: number }
  | { kind: 'more'; items: WorklistItem[]; token: string; total: number; from: number }
  | { kind: 'lost'; trouble: Trouble }
  | { kind: 'reset' };

const kNothing: Listed = { items: [], total: 0, live: 0, token: '', connected: false, loaded: false };

export function fold(before: Listed, change: Change): Listed {
  switch (change.kind) {
    case 'reset':
      return kNothing;
    case 'lost':
      return { ...before, connected: false, trouble: change.trouble };
    case 'first': {
      // What the stream says replaces the top; below it stay the lines that are still below it.
      const fresh = new Set(change.items.map((item) => item.stepRef));
      const rest =
        change.total > change.items.length
          ? before.items.slice(before.live).filter((item) => !fresh.has(item.stepRef))
          : [];
      const items = [...change.items, ...rest].slice(0, change.total);
      return { items, total: change.total, live: change.items.length, token: before.token, connected: true, loaded: true };
    }
    case 'more': {
      const known = new Set(before.items.map((item) => item.stepRef));
      const added = change.items.filter((item) => !known.has(item.stepRef));
      return { ...before, items: [...before.items, ...added], token: change.token, total: change.total };
    }
  }
}

export function useLiveWorklist(filter: Filter) {
  const [listed, change] = useReducer(fold, kNothing);
  const session = useSession().state;
  const fetching = useRef(false);
  const { tab, mine } = filter;

  useEffect(() => {
    if (session !== 'signed_in') return;
    const abort = new AbortController();
    change({ kind: 'reset' });
    const watch = async () => {
      for (let failures = 0; !abort.signal.aborted; ) {
        try {
          const stream = client(SchedulingService).watchWorklist(
            { requestId: newRequestId(), filter: { tab, mine }, pageSize: kLive },
            { signal: abort.signal, timeoutMs: 15 * 60_000 },
          );
          for await (const page of stream) {
            learnNow(page.asOfTime);
            change({ kind: 'first', items: page.items, total: Number(page.totalCount) });
            failures = 0;
          }
        } catch (error) {
          if (abort.signal.aborted) return;
          const trouble = troubleOf(error);
          change({ kind: 'lost', trouble });
          // A stream ends by itself now and then; what was refused stays refused.
          if (trouble.kind !== 'offline' && trouble.kind !== 'failed') return;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** failures++, 15_000)));
      }
    };
    void watch();
    return () => abort.abort();
  }, [tab, mine, session]);

  const more = useCallback(async () => {
    if (fetching.current) return;
    fetching.current = true;
    try {
      const page = await client(SchedulingService).listWorklist({
        filter: { tab, mine },
        pageSize: kPage,
        pageToken: listed.token,
      });
      change({
        kind: 'more',
        items: page.items,
        token: page.nextPageToken,
        total: Number(page.totalCount),
        from: listed.items.length,
      });
    } catch (error) {
      change({ kind: 'lost', trouble: troubleOf(error) });
    } finally {
      fetching.current = false;
    }
  }, [tab, mine, listed.token, listed.items.length]);

  return { listed, more };
}

// How many steps each tab holds, asked again when the list has changed.
export async function countTabs(tabs: Tab[], mine: boolean, signal: AbortSignal): Promise<Map<Tab, number>> {
  const answers = await Promise.all(
    tabs.map((tab) => client(SchedulingService).listWorklist({ filter: { tab, mine }, pageSize: 1 }, { signal })),
  );
  return new Map(tabs.map((tab, i) => [tab, Number(answers[i]!.totalCount)]));
}
