import { useNow } from '../api/clock';
import { leftText, nearText, spanText } from '../time/dates';
import { useWords } from '../words/words';

interface Props {
  due: number | undefined;
  opens?: number | undefined;
  closes?: number | undefined;
}

type Urgency = 'late' | 'closed' | 'soon' | 'today' | 'later' | 'waiting';

export function urgencyOf({ due, opens, closes }: Props, now: number): Urgency {
  if (closes !== undefined && now >= closes) return 'closed';
  if (due !== undefined && now >= due) return 'late';
  if (opens !== undefined && now < opens) return 'waiting';
  if (due !== undefined && due - now < 3_600_000) return 'soon';
  return due !== undefined && due - now < 86_400_000 ? 'today' : 'later';
}

// How long is left, and until when. Each urgency has a word and a shape, not only a colour.
export function TimeLeft(props: Props) {
  const { t } = useWords();
  const now = useNow(1000);
  const { due, opens, closes } = props;
  const urgency = urgencyOf(props, now);
  if (due === undefined) return null;
  const main =
    urgency === 'closed'
      ? t('left.closed', { span: spanText(t, now - closes!) })
      : urgency === 'waiting'
        ? t('left.opens', { span: spanText(t, opens! - now) })
        : leftText(t, due - now);
  return (
    <span className={`wm-left wm-left--${urgency}`}>
      <span className="wm-left__main">{main}</span>
      <span className="wm-left__when">{nearText(t, due, now)}</span>
      {closes !== undefined && urgency !== 'closed' && closes - now < 3 * 86_400_000 && (
        <span className="wm-left__closes">{t('left.window', { span: spanText(t, closes - now) })}</span>
      )}
    </span>
  );
}
