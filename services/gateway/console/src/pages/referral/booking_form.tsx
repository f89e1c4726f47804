// When the patient comes: one of the free times that the service has published, or a time agreed otherwise.
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useRef, useState } from 'react';
import { useAsked } from '../../api/asked';
import { nowMs } from '../../api/clock';
import type { Trouble } from '../../api/errors';
import { client } from '../../api/transport';
import { Choice, Text } from '../../form/controls';
import { MomentField } from '../../form/moment_field';
import { SlotState } from '../../gen/waymark/referral/v1/directory_pb';
import { DirectoryService } from '../../gen/waymark/referral/v1/directory_service_pb';
import type { ReferralCase } from '../../gen/waymark/referral/v1/referral_case_pb';
import { nearText, timeText } from '../../time/dates';
import { useReferralWords } from '../../words/referral';
import type { Values } from './act_forms';
import { useHeldSlot } from './held_slot';

const kDay = 86_400_000;
const kFirst = 6;
const kTyped = 'typed';

export function BookingForm({ held, values, set, errorOf, taken }: { held: ReferralCase; values: Values; set: (values: Values) => void; errorOf: (path: string) => string | undefined; taken: Trouble | undefined }) {
  const { t, r } = useReferralWords();
  // How often a time was lost to somebody else: the free ones are read again.
  const [round, setRound] = useState(0);
  const [lost, setLost] = useState('');
  const serviceId = held.provider?.serviceId ?? '';
  const { asked } = useAsked(
    async (signal) => {
      if (serviceId === '') return [];
      const now = nowMs();
      const answer = await client(DirectoryService).listSlots({ serviceId, period: { startTime: timestampFromMs(now), endTime: timestampFromMs(now + 60 * kDay) } }, { signal });
      return answer.slots.filter((slot) => slot.startTime && (slot.state === SlotState.FREE || slot.slotId === values._slot));
    },
    [serviceId, round],
  );
  const slots = asked.state === 'there' ? asked.value : [];
  const closes = held.content?.need?.closesTime && timestampMs(held.content.need.closesTime);
  const now = nowMs();
  const options = slots.map((slot) => {
    const start = timestampMs(slot.startTime!);
    return { value: slot.slotId, label: [nearText(t, start, now), slot.place, closes !== undefined && start >= closes ? r('slot_late') : ''].filter(Boolean).join(', ') };
  });
  const picked = (values._slot as string | undefined) ?? (asked.state !== 'loading' && slots.length === 0 ? kTyped : undefined);
  const pick = (id: string | undefined) => {
    setLost('');
    const slot = slots.find((one) => one.slotId === id);
    set({
      ...values,
      _slot: id,
      'booking.slot_id': slot?.slotId ?? '',
      'booking.start_time': slot?.startTime && { ms: timestampMs(slot.startTime) },
      'booking.end_time': slot?.endTime && { ms: timestampMs(slot.endTime) },
      'booking.place': slot?.place ?? '',
    });
  };
  const lose = () => {
    pick(undefined);
    setRound((n) => n + 1);
  };
  const until = useHeldSlot(held.header?.caseId ?? '', slots.some((one) => one.slotId === picked) ? picked! : '', (trouble) => {
    lose();
    setLost(trouble.reason === 'SLOT_TAKEN' ? r('slot_taken') : trouble.message);
  });
  const before = useRef(taken);
  useEffect(() => {
    // Said above the form already.
    if (taken && taken !== before.current) lose();
    before.current = taken;
  });
  const start = values['booking.start_time'] as { ms: number } | undefined;
  return (
    <>
      {asked.state !== 'loading' && slots.length === 0 && <p>{r('slot_none')}</p>}
      <div role="alert">{lost && <p className="wm-closing wm-closing--shut">{lost}</p>}</div>
      {slots.length > 0 && (
        <Choice
          name="booking.slot_id"
          label={r('slot')}
          options={[...options.slice(0, kFirst), { value: kTyped, label: r('slot_other') }]}
          others={options.length > kFirst ? options.slice(kFirst) : undefined}
          value={picked}
          change={pick}
          error={errorOf('booking.slot_id') ?? (picked === kTyped ? undefined : errorOf('booking.start_time'))}
        />
      )}
      <p role="status" className="nhsuk-hint">{until !== undefined && r('slot_held', { when: timeText(t, until) })}</p>
      {picked === kTyped && (
        <>
          <MomentField name="booking.start_time" label={r('slot_time')} ms={start?.ms} error={errorOf('booking.start_time')} change={(ms) => set({ ...values, 'booking.start_time': ms === undefined ? undefined : { ms } })} />
          <Text name="booking.place" label={r('slot_place')} optional value={(values['booking.place'] as string | undefined) ?? ''} change={(place) => set({ ...values, 'booking.place': place })} error={errorOf('booking.place')} limit={200} />
        </>
      )}
    </>
  );
}
