import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useNow } from '../../api/clock';
import { type Trouble, troubleOf } from '../../api/errors';
import type { Plan } from '../../gen/waymark/casework/v1/plan_pb';
import { leftText, spanText } from '../../time/dates';
import { TimeLeft } from '../../shell/time_left';
import { useWords } from '../../words/words';

export interface Formed {
  plan?: Plan | undefined;
  // What the rules make of it, in a word.
  verdict?: { text: string; grave: boolean } | undefined;
}

interface Props {
  // Stands for the answers so far: asked again when it changes.
  asked: string;
  // Whether there is enough to ask with.
  ready: boolean;
  ask: (signal: AbortSignal) => Promise<Formed>;
  // What is still to be said before a path can be shown.
  wait: ReactNode;
}

// The path as it would be from the answers so far. Says what is closing before anything is saved.
export function Forming({ asked, ready, ask, wait }: Props) {
  const { t } = useWords();
  const now = useNow(15_000);
  const [formed, setFormed] = useState<Formed>();
  const [trouble, setTrouble] = useState<Trouble>();
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    if (!ready) return setFormed(undefined);
    const abort = new AbortController();
    const timer = setTimeout(() => {
      latest.current(abort.signal).then(
        (answer) => {
          setFormed(answer);
          setTrouble(undefined);
        },
        (error: unknown) => !abort.signal.aborted && setTrouble(troubleOf(error)),
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [asked, ready]);

  const open = formed?.plan?.steps.filter((step) => step.outcome === undefined) ?? [];
  const closing = open.filter((step) => step.closesTime && timestampMs(step.closesTime) - now < 24 * 3_600_000);
  const first = open[0];
  return (
    <aside className="wm-forming" aria-labelledby="forming" tabIndex={0}>
      <h2 className="nhsuk-heading-m" id="forming">{t('forming.title')}</h2>
      <p className="nhsuk-u-visually-hidden" role="status">
        {first?.dueTime && t('forming.said', { n: open.length, title: first.title, left: leftText(t, timestampMs(first.dueTime) - now) })}
      </p>
      {!formed ? (
        <p className="nhsuk-hint">{trouble && trouble.kind !== 'invalid' ? t('forming.unavailable') : wait}</p>
      ) : (
        <>
          {formed.verdict && (
            <p><span className={`nhsuk-tag ${formed.verdict.grave ? 'nhsuk-tag--red' : 'nhsuk-tag--grey'}`}>{formed.verdict.text}</span></p>
          )}
          {closing.map((step) => {
            const left = timestampMs(step.closesTime!) - now;
            return (
              <p key={step.key} className={`wm-closing ${left <= 0 ? 'wm-closing--shut' : ''}`}>
                <strong lang="en">{step.title}</strong>{' '}
                {left <= 0 ? t('forming.shut', { span: spanText(t, left) }) : t('forming.closing', { span: spanText(t, left) })}
              </p>
            );
          })}
          <ol className="wm-forming__steps">
            {open.map((step) => (
              <li key={step.key}>
                <span lang="en">{step.title}</span>
                <TimeLeft
                  due={step.dueTime && timestampMs(step.dueTime)}
                  opens={step.opensTime && timestampMs(step.opensTime)}
                  closes={step.closesTime && timestampMs(step.closesTime)}
                />
              </li>
            ))}
          </ol>
          {open.length === 0 && <p>{t('forming.nothing')}</p>}
        </>
      )}
    </aside>
  );
}
