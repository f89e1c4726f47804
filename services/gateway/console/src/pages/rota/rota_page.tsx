import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { useRef, useState } from 'react';
import { useAsked } from '../../api/asked';
import { nowMs } from '../../api/clock';
import { newRequestId } from '../../api/ids';
import { has, usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { Choice, Text } from '../../form/controls';
import { MomentField } from '../../form/moment_field';
import { Problems } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { Role, RoleSchema } from '../../gen/waymark/options/v1/rule_pb';
import { Channel, ChannelSchema, type Contact, type RotaEntry } from '../../gen/waymark/scheduling/v1/rota_pb';
import { SchedulingService } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import { Page } from '../../shell/page';
import { Failed, Loading } from '../../shell/states';
import { civilOf, dateTimeText, instantsOf } from '../../time/dates';
import { useWords, type Words } from '../../words/words';

const kRoles = [Role.OH_NURSE, Role.OH_PHYSICIAN, Role.OH_LEAD, Role.CLINICAL_LEAD];

const contactText = ({ label }: Words, contact: Contact | undefined) =>
  contact ? (contact.channel === Channel.CONSOLE ? label(ChannelSchema, contact.channel) : contact.address) : '';

// Who is on duty, in which role, and how a notice reaches them. Work addresses only.
export default function RotaPage() {
  const words = useWords();
  const { t, label } = words;
  const person = usePerson();
  const scheduling = client(SchedulingService);
  const { asked, again } = useAsked((signal) => scheduling.listRota({}, { signal }), []);
  const { summary, run: submit, sending: busy, trouble } = useSubmit();
  const [said, setSaid] = useState('');
  const mayChange = has(person, Role.OH_LEAD, Role.OPERATOR);

  const run: Run = (name, send) => {
    setSaid('');
    return submit({
      name,
      send: ({ requestId }) => send(requestId),
      done: () => {
        setSaid(t('rota.saved'));
        again();
      },
    });
  };
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const { entries, dutyAddress, telephone, active } = asked.value;
  const now = nowMs();
  const onDuty = (role: Role) => entries.filter((one) => one.role === role && one.startsTime && timestampMs(one.startsTime) <= now);
  return (
    <Page title={t('nav.rota')}>
      <Problems ref={summary} wrong={[]} trouble={trouble} />
      <div role="status">{said && <p>{said}</p>}</div>
      <p className={active ? 'nhsuk-inset-text' : 'wm-unsigned'}>
        {t(active ? 'rota.live' : 'rota.not_live')}{' '}
        {!active && mayChange && dutyAddress && (
          <button type="button" className="nhsuk-button wm-button--small" disabled={busy} onClick={() => void run('activate', (requestId) => scheduling.activateTenant({ requestId }))}>{t('rota.activate')}</button>
        )}
      </p>
      <section aria-labelledby="on-call">
        <h2 className="nhsuk-heading-m" id="on-call">{t('rota.on_call')}</h2>
        <dl className="nhsuk-summary-list">
          {kRoles.map((role) => (
            <div className="nhsuk-summary-list__row" key={role}>
              <dt className="nhsuk-summary-list__key">{label(RoleSchema, role)}</dt>
              <dd className="nhsuk-summary-list__value">{onDuty(role).map((one) => one.person).join(', ') || t('rota.nobody')}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="entries">
        <h2 className="nhsuk-heading-m" id="entries">{t('rota.entries')}</h2>
        {entries.length === 0 ? (
          <p>{t('rota.none')}</p>
        ) : (
          <ul className="wm-plain">
            {entries.map((one) => (
              <li key={one.rotaEntryId} className="wm-row">
                <Entry entry={one} />
                {mayChange && (
                  <button
                    type="button"
                    className="nhsuk-button nhsuk-button--secondary wm-button--small"
                    aria-label={t('rota.remove_of', { person: one.person })}
                    disabled={busy}
                    onClick={() => void run(one.rotaEntryId, (requestId) => scheduling.deleteRotaEntry({ requestId, rotaEntryId: one.rotaEntryId }))}
                  >
                    {t('rota.remove')}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>
      {mayChange && <Add busy={busy} run={run} />}
      <section aria-labelledby="duty">
        <h2 className="nhsuk-heading-m" id="duty">{t('rota.duty')}</h2>
        <p className="nhsuk-hint">{t('rota.duty_hint')}</p>
        <p><strong>{dutyAddress ? contactText(words, dutyAddress) : t('rota.duty_none')}</strong></p>
        {mayChange && <Duty busy={busy} run={run} telephone={telephone} />}
      </section>
    </Page>
  );
}

function Entry({ entry }: { entry: RotaEntry }) {
  const words = useWords();
  const { t, label } = words;
  const time = (at: RotaEntry['startsTime']) => (at ? dateTimeText(t, timestampMs(at)) : '');
  return (
    <span>
      <strong>{entry.person}</strong>, {label(RoleSchema, entry.role)}
      <span className="wm-given__state">{t('cover.span', { start: time(entry.startsTime), end: time(entry.endsTime) })} · {contactText(words, entry.contact)}</span>
    </span>
  );
}

type Run = (name: string, send: (requestId: string) => Promise<unknown>) => Promise<boolean>;

interface FormProps {
  busy: boolean;
  run: Run;
}

function Add({ busy, run }: FormProps) {
  const { t, label } = useWords();
  const today = civilOf(nowMs());
  const [role, setRole] = useState<Role>();
  const [who, setWho] = useState<string>();
  const [starts, setStarts] = useState(() => instantsOf({ ...today, minute: 0 })[0]);
  const [ends, setEnds] = useState<number>();
  const [channel, setChannel] = useState<Channel | undefined>(Channel.EMAIL);
  const [address, setAddress] = useState<string>();
  const [tried, setTried] = useState(false);
  const rotaEntryId = useRef(newRequestId());
  const addressNeeded = channel !== Channel.CONSOLE;
  const lacks = (present: unknown) => (tried && !present ? t('rota.missing') : undefined);
  const order = starts !== undefined && ends !== undefined && ends <= starts;
  return (
    <section aria-labelledby="add">
      <h2 className="nhsuk-heading-m" id="add">{t('rota.add')}</h2>
      <form
        noValidate
        className="wm-panel wm-narrow"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!role || !who || starts === undefined || ends === undefined || order || !channel || (addressNeeded && !address)) return;
          const entry = {
            rotaEntryId: rotaEntryId.current,
            role,
            person: who,
            startsTime: timestampFromMs(starts),
            endsTime: timestampFromMs(ends),
            contact: { channel, ...(addressNeeded && { address: address! }) },
          };
          void run([role, who, starts, ends, channel, address].join(), (requestId) => client(SchedulingService).putRotaEntry({ requestId, entry })).then((done) => {
            if (!done) return;
            rotaEntryId.current = newRequestId();
            setTried(false);
            setWho(undefined);
            setEnds(undefined);
          });
        }}
      >
        <Choice name="rota_role" label={t('rota.role')} options={kRoles.map((value) => ({ value, label: label(RoleSchema, value) }))} value={role} change={setRole} error={lacks(role)} />
        <Text name="rota_person" label={t('rota.person')} hint={t('rota.person_hint')} value={who} change={setWho} error={lacks(who)} />
        <div className="wm-columns">
          <MomentField name="rota_from" label={t('rota.from')} ms={starts} change={setStarts} error={lacks(starts !== undefined)} />
          <MomentField key={rotaEntryId.current} name="rota_until" label={t('rota.until')} ms={ends} change={setEnds} error={lacks(ends !== undefined) ?? (tried && order ? t('rota.order') : undefined)} />
        </div>
        <Choice
          name="rota_channel"
          label={t('rota.contact')}
          options={[Channel.EMAIL, Channel.CONSOLE].map((value) => ({ value, label: label(ChannelSchema, value) }))}
          value={channel}
          change={setChannel}
        />
        {addressNeeded && <Text name="rota_address" label={t('rota.address')} value={address} change={setAddress} error={lacks(address)} />}
        <button type="submit" className="nhsuk-button" disabled={busy}>{t('rota.add_button')}</button>
      </form>
    </section>
  );
}

// `telephone` is where officers may ring: it stays as it is.
function Duty({ busy, run, telephone }: FormProps & { telephone: string }) {
  const { t } = useWords();
  const [address, setAddress] = useState<string>();
  const [tried, setTried] = useState(false);
  return (
    <form
      noValidate
      className="wm-narrow"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!address) return;
        void run(`duty ${address}`, (requestId) => client(SchedulingService).setDutyAddress({ requestId, contact: { channel: Channel.EMAIL, address }, telephone })).then((done) => {
          if (!done) return;
          setAddress(undefined);
          setTried(false);
        });
      }}
    >
      <Text name="duty_address" label={t('rota.address')} value={address} change={setAddress} error={tried && !address ? t('rota.missing') : undefined} />
      <button type="submit" className="nhsuk-button nhsuk-button--secondary" disabled={busy}>{t('rota.duty_save')}</button>
    </form>
  );
}
