import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAsked } from '../../api/asked';
import { type Trouble, troubleOf } from '../../api/errors';
import { client } from '../../api/transport';
import { Choice, DateField, type Day, Text } from '../../form/controls';
import { Action, ActionSchema, type LogEntry } from '../../gen/waymark/audit/v1/audit_entry_pb';
import { AuditService } from '../../gen/waymark/audit/v1/audit_service_pb';
import { RoleSchema } from '../../gen/waymark/options/v1/rule_pb';
import { Page } from '../../shell/page';
import { Failed, Loading } from '../../shell/states';
import { instantsOf, zonedText } from '../../time/dates';
import { useWords } from '../../words/words';

interface Search {
  actor?: string | undefined;
  subject?: string | undefined;
  action?: Action | undefined;
  from?: Day | undefined;
  until?: Day | undefined;
}

const startOf = (day: Day | undefined) => (day ? instantsOf({ ...day, hour: 0, minute: 0 })[0] : undefined);

// Who did what to whose record. The search is itself recorded.
export default function AuditPage() {
  const { t, label } = useWords();
  const [typed, setTyped] = useState<Search>({});
  const [search, setSearch] = useState<Search>();
  const [more, setMore] = useState<{ of: Search; entries: LogEntry[]; token: string }>();
  const [trouble, setTrouble] = useState<Trouble>();
  const audit = client(AuditService);
  const ask = (asked: Search, pageToken: string, signal?: AbortSignal) => {
    const from = startOf(asked.from);
    const until = startOf(asked.until);
    return audit.searchEntries(
      {
        actorUserId: asked.actor ?? '',
        subjectId: asked.subject ?? '',
        action: asked.action ?? Action.UNSPECIFIED,
        ...(from !== undefined && { fromTime: timestampFromMs(from) }),
        ...(until !== undefined && { untilTime: timestampFromMs(until + 86_400_000) }),
        pageSize: 50,
        pageToken,
      },
      signal && { signal },
    );
  };
  const state = useAsked((signal) => audit.getCheckpoint({}, { signal }), []);
  const { asked, again } = useAsked(
    async (signal) => (search ? ask(search, '', signal) : undefined),
    [search],
  );
  const first = asked.state === 'there' ? asked.value : undefined;
  const own = more?.of === search ? more : undefined;
  const entries = [...(first?.entries ?? []), ...(own?.entries ?? [])];
  const token = own ? own.token : (first?.nextPageToken ?? '');
  if (state.asked.state === 'failed' && state.asked.trouble.kind === 'forbidden') return <Failed trouble={state.asked.trouble} />;
  return (
    <Page title={t('audit.title')}>
      {state.asked.state === 'there' && (
        <dl className="wm-facts">
          <div><dt>{t('audit.entries')}</dt><dd>{Number(state.asked.value.sequencedSize).toLocaleString('en-GB')}</dd></div>
          <div><dt>{t('audit.signed_size')}</dt><dd>{Number(state.asked.value.checkpoint?.size ?? 0n).toLocaleString('en-GB')}</dd></div>
          {state.asked.value.checkpoint?.signedTime && (
            <div><dt>{t('audit.signed')}</dt><dd>{zonedText(t, timestampMs(state.asked.value.checkpoint.signedTime))}</dd></div>
          )}
        </dl>
      )}
      <form
        className="wm-panel"
        onSubmit={(event) => {
          event.preventDefault();
          setMore(undefined);
          setSearch({ ...typed });
        }}
      >
        <div className="wm-columns">
          <Text name="actor" optional label={t('audit.actor')} hint={t('audit.actor_hint')} value={typed.actor} change={(actor) => setTyped({ ...typed, actor })} />
          <Text name="subject" optional label={t('audit.subject')} hint={t('audit.subject_hint')} value={typed.subject} change={(subject) => setTyped({ ...typed, subject })} />
          <DateField name="from" optional label={t('audit.from')} value={typed.from} change={(from) => setTyped({ ...typed, from })} />
          <DateField name="until" optional label={t('audit.until')} value={typed.until} change={(until) => setTyped({ ...typed, until })} />
        </div>
        <Choice
          name="action"
          optional
          label={t('audit.action')}
          options={[{ value: 0, label: t('audit.any') }, ...ActionSchema.values.filter((one) => one.number !== 0).map((one) => ({ value: one.number, label: label(ActionSchema, one.number) }))]}
          value={typed.action ?? 0}
          change={(action) => setTyped({ ...typed, action })}
        />
        <button type="submit" className="nhsuk-button" data-go>{t('audit.search')}</button>
        <p className="nhsuk-hint">{t('audit.recorded')}</p>
      </form>
      {search && asked.state === 'loading' && <Loading />}
      {asked.state === 'failed' && <Failed trouble={asked.trouble} again={again} />}
      {first && entries.length === 0 && <p role="status">{t('audit.none')}</p>}
      {entries.length > 0 && (
        <ol className="wm-history" aria-label={t('audit.title')}>
          {entries.map((entry) => (
            <li key={String(entry.sequence)}>
              <span className="wm-history__when">
                {entry.event?.occurredTime ? zonedText(t, timestampMs(entry.event.occurredTime)) : entry.sequencedTime && zonedText(t, timestampMs(entry.sequencedTime))}
              </span>
              <span>
                {entry.event ? (
                  <>
                    <strong>{label(ActionSchema, entry.event.action)}</strong> <span lang="en">{entry.event.purpose}</span>
                    <span className="wm-history__who">
                      {entry.event.actor?.userId || entry.event.actor?.service}
                      {entry.event.actor && entry.event.actor.roles.length > 0 && ` (${entry.event.actor.roles.map((role) => label(RoleSchema, role)).join(', ')})`}
                      {' · '}<code>{entry.event.method.split('.').at(-1)}</code>
                      {entry.event.reason && <> · <span lang="en">{entry.event.reason}</span></>}
                    </span>
                  </>
                ) : (
                  <em>{t('audit.erased')}</em>
                )}
                <Link href={`/audit/proof/${entry.sequence}`} className="wm-history__proof" aria-label={t('audit.verify_of', { n: Number(entry.sequence) })}>
                  {t('audit.verify', { n: Number(entry.sequence) })}
                </Link>
              </span>
            </li>
          ))}
        </ol>
      )}
      {trouble && <p className="nhsuk-error-message" role="alert">{trouble.message}</p>}
      {search && token !== '' && (
        <button
          type="button"
          className="nhsuk-button nhsuk-button--secondary"
          onClick={() => {
            ask(search, token).then(
              (page) => setMore({ of: search, entries: [...(own?.entries ?? []), ...page.entries], token: page.nextPageToken }),
              (error: unknown) => setTrouble(troubleOf(error)),
            );
          }}
        >
          {t('cases.more')}
        </button>
      )}
    </Page>
  );
}
