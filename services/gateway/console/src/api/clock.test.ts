import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterEach, expect, it, vi } from 'vitest';
import { isClockFresh, learnNow, nowMs } from './clock';

afterEach(() => void vi.useRealTimers());

it('knows the services’ time for five minutes, and asks again then', () => {
  vi.useFakeTimers();
  expect(isClockFresh()).toBe(false);
  learnNow(timestampFromMs(Date.now() + 3_600_000));
  expect(nowMs()).toBe(Date.now() + 3_600_000);
  vi.advanceTimersByTime(299_000);
  expect(isClockFresh()).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(isClockFresh()).toBe(false);
});
