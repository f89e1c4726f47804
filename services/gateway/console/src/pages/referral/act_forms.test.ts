import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { ReferralCaseSchema } from '../../gen/waymark/referral/v1/referral_case_pb';
import { ResultStatus } from '../../gen/waymark/referral/v1/referral_content_pb';
import { nested, numberOf, outcomeOf, standing } from './act_forms';

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

it('names the result that a correction takes the place of, and those that can be named', () => {
  const results = [{ id: 'R-1', test: 'HIV_AG_AB', outcome: 1 }, { reference: 'L-7', id: 'R-2', test: 'HCV_AB', outcome: 2, replaces: 'L-6' }, { id: 'R-3', test: 'HCV_AB', replaces: 'L-5', withdrawn: true, outcome: 2 }];
  const said = outcomeOf({ _results: results }).results;
  expect(said.map((one) => [one.resultId, one.replaces, one.status, one.outcome])).toEqual([
    ['R-1', '', ResultStatus.FINAL, 1],
    ['L-7', 'L-6', ResultStatus.CORRECTED, 2],
    ['R-3', 'L-5', ResultStatus.ENTERED_IN_ERROR, 0],
  ]);
  const first = { resultId: 'L-6', outcome: 1 };
  const held = create(ReferralCaseSchema, { outcomes: [{ results: [first, { resultId: 'L-5' }] }, { results: said.slice(1) }, { results: [{ outcome: 1 }] }] });
  expect(standing(held).map(numberOf)).toEqual(['L-7']);
});
