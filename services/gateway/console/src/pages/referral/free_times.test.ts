import { timestampMs } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { freePeriods } from './free_times';

const kHour = 3_600_000;
// Noon in London, the day before summer time ends.
const kNow = Date.UTC(2026, 9, 24, 11);

it('says nothing when nothing was chosen: the patient can come whenever', () => {
  expect(freePeriods([], kNow)).toEqual([]);
});

it('makes one period of parts that follow each other, for as many days as the directory takes', () => {
  const periods = freePeriods(['afternoon', 'morning'], kNow);
  expect(periods.length).toBe(20);
  expect(timestampMs(periods[0]!.endTime) - timestampMs(periods[0]!.startTime)).toBe(9 * kHour);
  expect(freePeriods(['morning', 'evening'], kNow).length).toBe(40);
});

it('goes by London’s clock across its change', () => {
  const [today, tomorrow] = freePeriods(['morning'], kNow).map((one) => timestampMs(one.startTime));
  expect(today).toBe(Date.UTC(2026, 9, 24, 7));
  expect(tomorrow).toBe(Date.UTC(2026, 9, 25, 8));
});
