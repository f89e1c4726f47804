// The notices of whoever is signed in, as they come. A browser opens six connections to a host and a
// stream holds one, so the windows of one person share a stream: one of them holds it and tells the
// others, in memory only.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useState } from 'react';
import { newRequestId } from '../api/ids';
import { troubleOf } from '../api/errors';
import { client } from '../api/transport';
import { SchedulingService } from '../gen/waymark/scheduling/v1/scheduling_service_pb';
import { type Notice, NoticeSchema } from '../gen/waymark/scheduling/v1/worklist_pb';

const kName = 'waymark-notices';
const kShown = 30;

const firedMs = (notice: Notice) => (notice.firedTime ? timestampMs(notice.firedTime) : 0);

// The newest first; one that came twice is one.
export function fold(before: readonly Notice[], came: readonly Notice[]): Notice[] {
  const all = new Map(before.map((notice) => [notice.noticeId, notice]));
  for (const notice of came) all.set(notice.noticeId, notice);
  return [...all.values()].sort((a, b) => firedMs(b) - firedMs(a)).slice(0, kShown);
}

async function watch(after: Timestamp | undefined, signal: AbortSignal, tell: (came: Notice[]) => void, connected: (yes: boolean) => void) {
  for (let failures = 0; !signal.aborted; ++failures) {
    try {
      connected(true);
      const stream = client(SchedulingService).watchNotices(
        { requestId: newRequestId(), ...(after && { afterTime: after }) },
        { signal, timeoutMs: 15 * 60_000 },
      );
      for await (const { notices } of stream) {
        failures = 0;
        after = notices.at(-1)?.firedTime ?? after;
        tell(notices);
      }
    } catch (error) {
      if (signal.aborted) return;
      // A stream ends by itself now and then; what was refused stays refused.
      const { kind } = troubleOf(error);
      connected(kind === 'offline' && failures < 3);
      if (kind !== 'offline' && kind !== 'failed') return;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** failures, 15_000)));
  }
}

export function useNotices(signedIn: boolean) {
  const [notices, setNotices] = useState<Notice[]>([]);
  // Those that came while the page was open, until they are looked at.
  const [fresh, setFresh] = useState<Notice[]>([]);
  const [connected, setConnected] = useState(true);

  useEffect(() => {
    if (!signedIn) return;
    const abort = new AbortController();
    const channel = new BroadcastChannel(kName);
    const take = (came: Notice[]) => {
      setNotices((before) => fold(before, came));
      setFresh((before) => fold(before, came));
    };
    channel.onmessage = (event: MessageEvent<Uint8Array[]>) => take(event.data.map((bytes) => fromBinary(NoticeSchema, bytes)));
    const tell = (came: Notice[]) => {
      take(came);
      channel.postMessage(came.map((notice) => toBinary(NoticeSchema, notice)));
    };
    const begin = async () => {
      const listed = await client(SchedulingService).listNotices({ pageSize: kShown }, { signal: abort.signal });
      setNotices((before) => fold(before, listed.notices));
      await navigator.locks.request(kName, { signal: abort.signal }, () =>
        watch(listed.notices[0]?.firedTime, abort.signal, tell, setConnected),
      );
    };
    begin().catch(() => !abort.signal.aborted && setConnected(false));
    return () => {
      abort.abort();
      channel.close();
    };
  }, [signedIn]);

  return { notices, fresh, connected, look: () => setFresh([]) };
}
