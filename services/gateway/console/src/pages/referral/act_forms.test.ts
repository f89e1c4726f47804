import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { nested } from './act_forms';

const kMinute = 1_766_000_040_000 - (1_766_000_040_000 % 60_000);

it('nests what is asked under the names of the request', () => {
  expect(nested({ 'declined.reason': 22, 'declined.note': 'Full.', _slot: 'x', empty: undefined })).toEqual({ declined: { reason: 22, note: 'Full.' } });
});

it('takes "just now", which is a whole minute, for after what happened in that minute', () => {
  const seen = (lastMs: number) => nested({ 'seen.seen_time': { ms: kMinute } }, lastMs);
  expect(seen(kMinute + 25_000)).toEqual({ seen: { seenTime: timestampFromMs(kMinute + 25_001) } });
  expect(seen(kMinute - 25_000)).toEqual({ seen: { seenTime: timestampFromMs(kMinute) } });
  expect(seen(kMinute + 90_000)).toEqual({ seen: { seenTime: timestampFromMs(kMinute) } });
});
