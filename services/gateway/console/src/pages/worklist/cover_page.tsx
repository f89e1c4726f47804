import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { Button, ErrorSummary, TextInput } from 'nhsuk-react-components';
import { useState } from 'react';
import { useAsked } from '../../api/asked';
import { nowMs } from '../../api/clock';
import { usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { useSubmit } from '../../form/submit';
import { SchedulingService } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import { BackTo } from '../../shell/back_to';
import { Page } from '../../shell/page';
import { Failed, Loading } from '../../shell/states';
import { civilOf, dateTimeText, instantsOf } from '../../time/dates';
import { useWords } from '../../words/words';

// The last minute of a civil day in London.
function endOfDay(text: string): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!found) return undefined;
  const [, year, month, day] = found.map(Number);
  return instantsOf({ year: year!, month: month!, day: day!, hour: 23, minute: 59 })[0];
}

// Handing one's work to a colleague for some days: what is theirs shows up in the colleague's list.
export default function CoverPage() {
  const { t } = useWords();
  const person = usePerson();
  const scheduling = client(SchedulingService);
  const { asked, again } = useAsked((signal) => scheduling.listDelegations({}, { signal }), []);
  const [to, setTo] = useState('');
  const [until, setUntil] = useState('');
  const { run: submit, sending: busy, trouble } = useSubmit();
  const today = civilOf(nowMs());

  const run = (name: string, send: (requestId: string) => Promise<unknown>) =>
    submit({
      name,
      send: ({ requestId }) => send(requestId),
      done: () => {
        setTo('');
        setUntil('');
        again();
      },
    });
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  return (
    <Page title={t('cover.title')} back={<BackTo href="/worklist">{t('nav.worklist')}</BackTo>}>
      {trouble && (
        <ErrorSummary>
          <ErrorSummary.Title>{t('form.problem')}</ErrorSummary.Title>
          <p>{trouble.message}</p>
        </ErrorSummary>
      )}
      <p>{t('cover.lede')}</p>
      <form
        className="wm-narrow"
        onSubmit={(event) => {
          event.preventDefault();
          const ends = endOfDay(until);
          if (ends === undefined || to === '') return;
          void run(`${to} ${until}`, (requestId) => scheduling.delegate({ requestId, toPerson: to, endsTime: timestampFromMs(ends) }));
        }}
      >
        <TextInput id="to" label={t('cover.to')} hint={t('cover.to_hint')} value={to} required autoComplete="off" onChange={(event) => setTo(event.target.value)} />
        <TextInput
          id="until"
          type="date"
          label={t('cover.until')}
          value={until}
          required
          min={`${today.year}-${String(today.month).padStart(2, '0')}-${String(today.day).padStart(2, '0')}`}
          onChange={(event) => setUntil(event.target.value)}
        />
        <Button type="submit" disabled={busy}>{t('cover.button')}</Button>
      </form>
      <h2 className="nhsuk-heading-m">{t('cover.now')}</h2>
      {asked.value.delegations.length === 0 ? (
        <p>{t('cover.none')}</p>
      ) : (
        <ul className="wm-plain">
          {asked.value.delegations.map((one) => (
            <li key={one.delegationId} className="wm-row">
              <span>
                {t('cover.line', {
                  from: one.fromPerson === person.userId ? t('worklist.you') : one.fromPerson,
                  to: one.toPerson === person.userId ? t('worklist.you') : one.toPerson,
                  start: one.startsTime ? dateTimeText(t, timestampMs(one.startsTime)) : '',
                  end: one.endsTime ? dateTimeText(t, timestampMs(one.endsTime)) : '',
                })}
              </span>
              <button
                type="button"
                className="nhsuk-button nhsuk-button--secondary wm-button--small"
                disabled={busy}
                onClick={() => void run(one.delegationId, (requestId) => scheduling.endDelegation({ requestId, delegationId: one.delegationId }))}
              >
                {t('cover.end')}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
