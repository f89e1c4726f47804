import { describe, expect, it } from 'vitest';
import { readTime } from '../form/read_time';
import { en } from '../words/en';
import { translator } from '../words/words';
import { dateTimeText, instantsOf, leftText, localTimeOf, nearText, spanText, zonedText } from './dates';

const t = translator(en);
const utc = (text: string) => Date.parse(`${text}Z`);
const kHour = 3_600_000;

describe('dates and times', () => {
  it('are written as the NHS service manual writes them, in London', () => {
    expect(dateTimeText(t, utc('2026-11-22T17:30:00'))).toBe('22 November 2026 at 5:30pm');
    expect(dateTimeText(t, utc('2026-06-10T13:00:00'))).toBe('10 June 2026 at 2pm');
    expect(dateTimeText(t, utc('2026-11-22T12:00:00'))).toBe('22 November 2026 at midday');
    expect(dateTimeText(t, utc('2026-11-22T00:00:00'))).toBe('22 November 2026 at midnight');
    expect(zonedText(t, utc('2026-06-10T13:20:00'))).toBe('10 June 2026 at 2:20pm (BST)');
  });

  it('say today and tomorrow by the civil day, not by 24 hours', () => {
    const now = utc('2026-11-22T23:00:00');
    expect(nearText(t, utc('2026-11-23T00:30:00'), now)).toBe('tomorrow at 12:30am');
    expect(nearText(t, utc('2026-11-22T09:00:00'), now)).toBe('today at 9am');
    expect(nearText(t, utc('2026-11-24T23:59:59'), now)).toBe('24 November 2026');
  });

  it('count what is left to the minute while it matters', () => {
    expect(leftText(t, 40 * 60_000)).toBe('40 minutes left');
    expect(leftText(t, 59_000)).toBe('Under a minute left');
    expect(leftText(t, -49 * kHour)).toBe('2 days 1 hour late');
    expect(leftText(t, 22 * kHour + 5 * 60_000)).toBe('22 hours 5 minutes left');
    expect(spanText(t, 60_000)).toBe('1 minute');
    expect(spanText(t, 41 * 24 * kHour)).toBe('41 days');
  });

  it('know the hour that the spring change skips and the one that autumn shows twice', () => {
    expect(instantsOf({ year: 2026, month: 3, day: 29, hour: 1, minute: 30 })).toEqual([]);
    expect(instantsOf({ year: 2026, month: 10, day: 25, hour: 1, minute: 30 })).toEqual([utc('2026-10-25T00:30:00'), utc('2026-10-25T01:30:00')]);
    expect(localTimeOf(utc('2026-10-25T00:30:00'))).toEqual({ civil: '2026-10-25T01:30:00', utcOffsetMinutes: 60 });
    expect(localTimeOf(utc('2026-10-25T01:30:00'))).toEqual({ civil: '2026-10-25T01:30:00', utcOffsetMinutes: 0 });
    expect(localTimeOf(utc('2026-11-22T08:00:05'))).toEqual({ civil: '2026-11-22T08:00:05' });
  });
});

describe('a time as people type it', () => {
  const now = utc('2026-11-22T17:45:00');
  const one = (text: string) => {
    const read = readTime(text, now);
    return read.kind === 'one' ? new Date(read.ms).toISOString().slice(0, 16) : read.kind;
  };

  it('is understood in the ways that nurses write it', () => {
    expect(one('14:30')).toBe('2026-11-22T14:30');
    expect(one('2.30pm')).toBe('2026-11-22T14:30');
    expect(one('2pm')).toBe('2026-11-22T14:00');
    expect(one('1430')).toBe('2026-11-22T14:30');
    expect(one('yesterday 23:10')).toBe('2026-11-21T23:10');
    expect(one('ddoe 23:10')).toBe('2026-11-21T23:10');
    expect(one('20/11/2026 09:05')).toBe('2026-11-20T09:05');
    expect(one('10 Jun 2026 at 2:20pm')).toBe('2026-06-10T13:20');
    expect(one('20 min ago')).toBe('2026-11-22T17:25');
    expect(one('50h')).toBe('2026-11-20T15:45');
  });

  it('is refused where it means nothing, or not yet', () => {
    expect(one('14')).toBe('unclear');
    expect(one('25:00')).toBe('unclear');
    expect(one('31/11/2026 10:00')).toBe('unclear');
    expect(one('soon')).toBe('unclear');
    expect(one('18:00')).toBe('future');
    expect(one('29/3/2026 1:30am')).toBe('skipped');
    expect(readTime('25/10/2026 1:30am', now)).toEqual({ kind: 'twice', both: [utc('2026-10-25T00:30:00'), utc('2026-10-25T01:30:00')] });
  });
});
