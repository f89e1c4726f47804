// Reads a time as people type it: "14:30", "2.30pm", "yesterday 23:10", "22/11/2026 2:30pm",
// "20 min ago", "21 Nov 14:30".
import { civilOf, instantsOf } from '../time/dates';

export type Read =
  | { kind: 'one'; ms: number }
  // The clock showed it twice that night: the two instants, the earlier first.
  | { kind: 'twice'; both: number[] }
  // The spring change skipped it.
  | { kind: 'skipped' }
  | { kind: 'future' }
  | { kind: 'unclear' };

const kMonths = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const kWelshMonths = ['ion', 'chw', 'maw', 'ebr', 'mai', 'meh', 'gor', 'aws', 'med', 'hyd', 'tac', 'rha'];

function monthOf(word: string): number {
  const start = word.slice(0, 3).toLowerCase();
  return Math.max(kMonths.indexOf(start), kWelshMonths.indexOf(start)) + 1;
}

export function readTime(typed: string, now: number): Read {
  const text = typed.trim().toLowerCase();
  const ago = /^(\d{1,3})\s*(m|min|mins|minutes?|munud|h|hr|hrs|hours?|awr)\s*(ago|yn ôl)?$/.exec(text);
  if (ago) {
    const minutes = Number(ago[1]) * (/^(h|awr)/.test(ago[2]!) ? 60 : 1);
    return { kind: 'one', ms: Math.floor((now - minutes * 60_000) / 60_000) * 60_000 };
  }
  const time = /(?:^|\s|,)(?:at\s+)?(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?$/.exec(text) ?? /(?:^|\s)(\d{2})(\d{2})()$/.exec(text);
  if (!time) return { kind: 'unclear' };
  let hour = Number(time[1]);
  const minute = Number(time[2] ?? 0);
  const half = time[3];
  // "14" alone may be a day as well as an hour.
  if (time[2] === undefined && !half) return { kind: 'unclear' };
  if (half && (hour < 1 || hour > 12)) return { kind: 'unclear' };
  if (half === 'pm' && hour < 12) hour += 12;
  if (half === 'am' && hour === 12) hour = 0;
  if (hour > 23 || minute > 59) return { kind: 'unclear' };

  const before = text.slice(0, time.index).trim().replace(/,$/, '').replace(/\s+at$/, '');
  const today = civilOf(now);
  let day: { year: number; month: number; day: number };
  if (before === '' || before === 'today' || before === 'heddiw') {
    day = today;
  } else if (before === 'yesterday' || before === 'ddoe') {
    const c = new Date(Date.UTC(today.year, today.month - 1, today.day - 1));
    day = { year: c.getUTCFullYear(), month: c.getUTCMonth() + 1, day: c.getUTCDate() };
  } else {
    const numbers = /^(\d{1,2})[/.\s-](\d{1,2}|[a-zŵ]{3,})(?:[/.\s-](\d{4}|\d{2}))?$/.exec(before);
    if (!numbers) return { kind: 'unclear' };
    const month = /^\d/.test(numbers[2]!) ? Number(numbers[2]) : monthOf(numbers[2]!);
    const year = numbers[3] === undefined ? today.year : Number(numbers[3]) + (numbers[3].length === 2 ? 2000 : 0);
    day = { year, month, day: Number(numbers[1]) };
    const real = new Date(Date.UTC(day.year, day.month - 1, day.day));
    if (real.getUTCMonth() !== day.month - 1 || real.getUTCDate() !== day.day) return { kind: 'unclear' };
  }
  const instants = instantsOf({ year: day.year, month: day.month, day: day.day, hour, minute });
  const past = instants.filter((ms) => ms <= now);
  if (instants.length === 0) return { kind: 'skipped' };
  if (past.length === 0) return { kind: 'future' };
  return past.length === 2 ? { kind: 'twice', both: past } : { kind: 'one', ms: past[0]! };
}
