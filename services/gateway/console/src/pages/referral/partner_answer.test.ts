import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { ReferralState } from '../../gen/waymark/referral/v1/referral_case_pb';
import type { ReferralCase } from '../../gen/waymark/referral/v1/referral_case_pb';
import { AnswerSchema } from '../../gen/waymark/referral/v1/referral_case_pb';
import { lacksStart, partnerAnswerOf, saidAsks, saidChoices } from './partner_answer';

const booked = { state: ReferralState.BOOKED } as ReferralCase;
const sent = { state: ReferralState.SENT } as ReferralCase;

it('asks for every kind of answer that there is', () => {
  expect(saidChoices(booked).map(([name]) => name).sort()).toEqual(AnswerSchema.oneofs[0]!.fields.map((one) => one.name).sort());
  expect(saidChoices(sent).map(([name]) => name)).not.toContain('booking_cancelled');
});

it('makes an answer of what was typed', () => {
  const said = partnerAnswerOf('declined', { 'answer.answered_by': 'Sister Jones', 'answer.declined.reason': 22, _said: 'declined' }, 0);
  expect(said).toEqual({ answer: { answeredBy: 'Sister Jones', kind: { case: 'declined', value: { reason: 22 } } } });
  const seen = partnerAnswerOf('seen', { 'answer.seen.seen_time': { ms: 60_000 } }, 0);
  expect(seen.answer.kind).toEqual({ case: 'seen', value: { seenTime: timestampFromMs(60_000) } });
  expect(partnerAnswerOf('booking_cancelled', {}, 0).answer.kind).toEqual({ case: 'bookingCancelled', value: {} });
  expect(partnerAnswerOf('outcome', { 'outcome.summary': 'Well.' }, 0).answer.kind.value).toMatchObject({ summary: 'Well.' });
});

it('wants the time of an appointment, and nothing before a kind is chosen', () => {
  expect(lacksStart('booked', {})).toBe(true);
  expect(lacksStart('booked', { 'answer.booked.start_time': { ms: 1 } })).toBe(false);
  expect(saidAsks(undefined)).toEqual([]);
});
