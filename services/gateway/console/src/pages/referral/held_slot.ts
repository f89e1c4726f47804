// Keeps a time for a referral while it is talked over with the patient, and lets it go on leaving.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useRef, useState } from 'react';
import { type Trouble, troubleOf } from '../../api/errors';
import { newRequestId } from '../../api/ids';
import { client, persist } from '../../api/transport';
import { DirectoryService } from '../../gen/waymark/referral/v1/directory_service_pb';

// One after the other, whichever page asks: a time that was let go on leaving is not the one that is held on
// coming back.
let queue: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = queue.then(work);
  queue = mine.catch(() => undefined);
  return mine;
}

function letGo(referralId: string) {
  const requestId = newRequestId();
  // It comes free by itself in ten minutes.
  inTurn(() => persist(() => client(DirectoryService).releaseSlot({ requestId, referralId }))).catch(() => undefined);
}

// Until when the slot is kept; `lost` hears why it is not. An empty `slotId` keeps none.
export function useHeldSlot(referralId: string, slotId: string, lost: (trouble: Trouble) => void): number | undefined {
  const [held, setHeld] = useState<{ slotId: string; untilMs: number }>();
  const hear = useRef(lost);
  hear.current = lost;
  const any = useRef(false);
  useEffect(() => {
    if (slotId === '') {
      if (any.current) letGo(referralId);
      any.current = false;
      return;
    }
    any.current = true;
    let gone = false;
    const requestId = newRequestId();
    inTurn(() => persist(() => client(DirectoryService).holdSlot({ requestId, slotId, referralId }))).then(
      ({ slot }) => !gone && setHeld(slot?.heldUntilTime && { slotId, untilMs: timestampMs(slot.heldUntilTime) }),
      (error: unknown) => {
        const trouble = troubleOf(error);
        // Only a time that somebody else has is lost: whether it can be booked is said when it is booked.
        if (!gone && trouble.reason.startsWith('SLOT_')) hear.current(trouble);
      },
    );
    return () => {
      gone = true;
    };
  }, [referralId, slotId]);
  useEffect(
    () => () => {
      if (any.current) letGo(referralId);
    },
    [referralId],
  );
  return held?.slotId === slotId ? held.untilMs : undefined;
}
