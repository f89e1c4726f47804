import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useState } from 'react';
import { useNow } from '../../api/clock';
import { type Trouble, troubleOf } from '../../api/errors';
import { client } from '../../api/transport';
import { toLocalTime } from '../../form/controls';
import { BbvService, type PreviewPlanResponse } from '../../gen/waymark/bbv/v1/bbv_service_pb';
import { SignificanceSchema } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { Jurisdiction } from '../../gen/waymark/casework/v1/case_pb';
import { leftText, spanText } from '../../time/dates';
import { TimeLeft } from '../../shell/time_left';
import { useWords } from '../../words/words';
import { type Answers, exposureOf } from './questions';

// The path as it would be from the answers so far. Says what is closing before anything is saved.
export function Forming({ answers }: { answers: Answers }) {
  const { t, label } = useWords();
  const now = useNow(15_000);
  const [preview, setPreview] = useState<PreviewPlanResponse>();
  const [trouble, setTrouble] = useState<Trouble>();
  const { exposure, source } = exposureOf(answers, toLocalTime(answers.when));
  const ready = answers.when?.ms !== undefined && answers.chosen.route !== undefined && answers.chosen.fluid !== undefined;
  const asked = JSON.stringify([exposure, source, answers.wales, ready]);

  useEffect(() => {
    if (!ready) return setPreview(undefined);
    const abort = new AbortController();
    const timer = setTimeout(() => {
      client(BbvService)
        .previewPlan(
          {
            jurisdiction: answers.wales ? Jurisdiction.WALES : Jurisdiction.ENGLAND,
            exposure,
            ...(source && { source }),
          },
          { signal: abort.signal },
        )
        .then(
          (answer) => {
            setPreview(answer);
            setTrouble(undefined);
          },
          (error: unknown) => !abort.signal.aborted && setTrouble(troubleOf(error)),
        );
    }, 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
    // `asked` stands for the answers.
  }, [asked]);

  const open = preview?.plan?.steps.filter((step) => step.outcome === undefined) ?? [];
  const closing = open.filter((step) => step.closesTime && timestampMs(step.closesTime) - now < 24 * 3_600_000);
  const first = open[0];
  return (
    <aside className="wm-forming" aria-labelledby="forming" tabIndex={0}>
      <h2 className="nhsuk-heading-m" id="forming">{t('forming.title')}</h2>
      <p className="nhsuk-u-visually-hidden" role="status">
        {first?.dueTime && t('forming.said', { n: open.length, title: first.title, left: leftText(t, timestampMs(first.dueTime) - now) })}
      </p>
      {!preview ? (
        <p className="nhsuk-hint">{trouble ? t('forming.unavailable') : t('forming.wait')}</p>
      ) : (
        <>
          <p>
            <span className={`nhsuk-tag ${preview.significance === 1 ? 'nhsuk-tag--red' : 'nhsuk-tag--grey'}`}>
              {label(SignificanceSchema, preview.significance)}
            </span>
          </p>
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
