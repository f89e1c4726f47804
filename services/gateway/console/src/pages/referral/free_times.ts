// When a patient can come, around shifts and sleep: parts of the day, as periods of the coming days.
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { civilOf, instantsOf } from '../../time/dates';

export type PartOfDay = 'morning' | 'afternoon' | 'evening';

const kParts: Record<PartOfDay, [from: number, until: number]> = { morning: [8, 12], afternoon: [12, 17], evening: [17, 21] };
export const kPartsOfDay = Object.keys(kParts) as PartOfDay[];

// As many as the directory takes, at three a day.
const kDays = 20;

// Parts that follow each other are one period: an appointment may lie across noon.
export function freePeriods(chosen: readonly PartOfDay[], nowMs: number) {
  const spans: [from: number, until: number][] = [];
  for (const part of kPartsOfDay.filter((one) => chosen.includes(one))) {
    const [from, until] = kParts[part];
    const before = spans.at(-1);
    if (before?.[1] === from) before[1] = until;
    else spans.push([from, until]);
  }
  const today = civilOf(nowMs);
  return Array.from({ length: kDays }, (_, i) => new Date(Date.UTC(today.year, today.month - 1, today.day + i))).flatMap((date) => {
    const at = (hour: number) => timestampFromMs(instantsOf({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour, minute: 0 })[0]!);
    return spans.map(([from, until]) => ({ startTime: at(from), endTime: at(until) }));
  });
}
