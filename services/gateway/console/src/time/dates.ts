// Dates and times as the NHS service manual writes them ("22 November 2026", "5:30pm"), always in
// the zone that care in England and Wales is planned in.
import type { Translate } from '../words/words';

const kZone = 'Europe/London';

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: kZone,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

interface Civil {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

export function civilOf(ms: number): Civil {
  const civil: Record<string, number> = {};
  for (const { type, value } of parts.formatToParts(ms)) civil[type] = Number(value);
  return civil as unknown as Civil;
}

// Minutes by which London was ahead of UTC at that instant: 0 or 60 in our century.
function londonOffset(ms: number): number {
  const c = civilOf(ms);
  const asUtc = Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second);
  return Math.round((asUtc - Math.floor(ms / 1000) * 1000) / 60000);
}

// The instants that a civil time in London means: none when the spring change skipped it, two when
// the autumn change showed it twice (the earlier first).
export function instantsOf(c: Omit<Civil, 'second'>): number[] {
  const asUtc = Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute);
  return [60, 0].map((offset) => asUtc - offset * 60000).filter((ms, i) => londonOffset(ms) === (i === 0 ? 60 : 0));
}

const pad = (n: number) => String(n).padStart(2, '0');

// As LocalTime takes it. The offset is named only where the clock showed the time twice.
export function localTimeOf(ms: number): { civil: string; utcOffsetMinutes?: number } {
  const c = civilOf(ms);
  const civil = `${c.year}-${pad(c.month)}-${pad(c.day)}T${pad(c.hour)}:${pad(c.minute)}:${pad(c.second)}`;
  return instantsOf(c).length === 2 ? { civil, utcOffsetMinutes: londonOffset(ms) } : { civil };
}

export function timeText(t: Translate, ms: number): string {
  const { hour, minute } = civilOf(ms);
  if (minute === 0 && hour === 0) return t('time.midnight');
  if (minute === 0 && hour === 12) return t('time.midday');
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  return `${twelve}${minute === 0 ? '' : `:${pad(minute)}`}${hour < 12 ? 'am' : 'pm'}`;
}

export function dateText(t: Translate, ms: number): string {
  const { day, month, year } = civilOf(ms);
  return civilDateText(t, { year, month, day });
}

export function civilDateText(t: Translate, date: { year: number; month: number; day: number }): string {
  return `${date.day} ${t(`month.${date.month}` as 'month.1')} ${date.year}`;
}

export function dateTimeText(t: Translate, ms: number): string {
  return t('time.date_at_time', { date: dateText(t, ms), time: timeText(t, ms) });
}

// With the zone's name, where a reader may be elsewhere or the clock is about to change.
export function zonedText(t: Translate, ms: number): string {
  return `${dateTimeText(t, ms)} (${londonOffset(ms) === 60 ? 'BST' : 'GMT'})`;
}

const dayNumber = (ms: number) => {
  const { year, month, day } = civilOf(ms);
  return Date.UTC(year, month - 1, day) / 86400000;
};

// "Today at 5:30pm", else the date. A step that is due on a day, not at a time, ends with its last
// second; there the time would only confuse.
export function nearText(t: Translate, ms: number, now: number): string {
  const c = civilOf(ms);
  const wholeDay = c.hour === 23 && c.minute === 59;
  const days = dayNumber(ms) - dayNumber(now);
  const near = days === 0 ? 'time.today' : days === 1 ? 'time.tomorrow' : days === -1 ? 'time.yesterday' : undefined;
  if (near === undefined) return wholeDay ? dateText(t, ms) : dateTimeText(t, ms);
  return wholeDay ? t(near) : t('time.date_at_time', { date: t(near), time: timeText(t, ms) });
}

function counted(t: Translate, n: number, unit: 'minute' | 'hour' | 'day'): string {
  return t(n === 1 ? `time.${unit}.one` : `time.${unit}.many`, { n });
}

// How long: to the minute below two days, so that nobody has to reckon while a window shuts.
export function spanText(t: Translate, ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (minutes < 60) return counted(t, minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const rest = minutes % 60;
    return rest === 0 || hours >= 24
      ? counted(t, hours, 'hour')
      : `${counted(t, hours, 'hour')} ${counted(t, rest, 'minute')}`;
  }
  const days = Math.floor(hours / 24);
  const rest = hours % 24;
  return rest === 0 || days >= 7 ? counted(t, days, 'day') : `${counted(t, days, 'day')} ${counted(t, rest, 'hour')}`;
}

// "40 minutes left", "49 hours late".
export function leftText(t: Translate, ms: number): string {
  if (ms < 0) return t('time.late', { span: spanText(t, ms) });
  return ms < 60000 ? t('time.under_a_minute') : t('time.left', { span: spanText(t, ms) });
}
