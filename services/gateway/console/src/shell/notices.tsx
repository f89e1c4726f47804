// What deadlines have to say to whoever is signed in, and the answer to it: acknowledging holds back
// the rungs that are still to come for a while.
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useNow } from '../api/clock';
import { has, type Person, useSession } from '../api/session';
import { useSubmit } from '../form/submit';
import { Role, RoleSchema } from '../gen/waymark/options/v1/rule_pb';
import { RungKindSchema } from '../gen/waymark/scheduling/v1/plan_pb';
import type { AcknowledgeStepResponse } from '../gen/waymark/scheduling/v1/scheduling_service_pb';
import type { Notice } from '../gen/waymark/scheduling/v1/worklist_pb';
import { nearText, spanText } from '../time/dates';
import { useWords } from '../words/words';
import { useNotices } from './notice_stream';
import { may } from './places';
import { holdStep, kHoldMinutes } from './hold_step';

export default function Notices({ person }: { person: Person }) {
  const { t, label } = useWords();
  const signedIn = useSession().state === 'signed_in';
  const { notices, fresh, connected, look } = useNotices(signedIn);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [open]);
  const toggle = () => {
    if (open) look();
    setOpen(!open);
  };
  return (
    <div className="wm-notices">
      <div className="nhsuk-width-container">
        <button type="button" className="wm-link wm-notices__open" aria-expanded={open} aria-controls={id} ref={button} onClick={toggle}>
          {t('notices.open')}
          {fresh.length > 0 && <span className="wm-notices__new">{t('notices.new', { n: fresh.length })}</span>}
        </button>
        <span role="status" className="nhsuk-u-visually-hidden">
          {fresh[0] && t('notices.arrived', { what: label(RungKindSchema, fresh[0].kind) })}
        </span>
        <div id={id} hidden={!open}>
          {open && (
            <>
              {!connected && <p>{t('notices.trouble')}</p>}
              {notices.length === 0 && <p>{t('notices.none')}</p>}
              <ul className="wm-notices__list">
                {notices.map((notice) => (
                  <One key={notice.noticeId} notice={notice} fresh={fresh.includes(notice)} mayHold={!onlyOperator(person)} />
                ))}
              </ul>
              {may(person, 'worklist') && <p><Link href="/worklist" onClick={toggle}>{t('notices.worklist')}</Link></p>}
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function onlyOperator(person: Person): boolean {
  return !has(person, Role.OH_NURSE, Role.OH_PHYSICIAN, Role.OH_LEAD, Role.CLINICAL_LEAD);
}

function One({ notice, fresh, mayHold }: { notice: Notice; fresh: boolean; mayHold: boolean }) {
  const { t, label } = useWords();
  const now = useNow(60_000);
  const [minutes, setMinutes] = useState(60);
  const [answer, setAnswer] = useState<AcknowledgeStepResponse>();
  const { run, sending, trouble } = useSubmit();
  const id = useId();
  const what = label(RungKindSchema, notice.kind);
  const near = (at: Timestamp | undefined) => (at === undefined ? '' : nearText(t, timestampMs(at), now));
  const acknowledge = () => run({ ...holdStep(notice.stepRef, minutes), done: setAnswer });
  return (
    <li className={fresh ? 'wm-notices__one wm-notices__one--new' : 'wm-notices__one'}>
      <p>
        <strong>{what}</strong>
        {notice.dueTime && <> {t('notices.due', { when: near(notice.dueTime) })}</>}
      </p>
      <p className="nhsuk-body-s">{t('notices.sent', { when: near(notice.firedTime), role: label(RoleSchema, notice.audience) })}</p>
      {mayHold && !answer && (
        <p className="wm-notices__hold">
          <label htmlFor={id}>{t('notices.hold')}</label>
          <select id={id} className="nhsuk-select" value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
            {kHoldMinutes.map((one) => <option key={one} value={one}>{spanText(t, one * 60_000)}</option>)}
          </select>
          <button type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" aria-label={t('notices.acknowledge_of', { what })} disabled={sending} onClick={() => void acknowledge()}>
            {t('notices.acknowledge')}
          </button>
        </p>
      )}
      <div role="status">
        {answer && (
          <p>
            {t('notices.held', { when: near(answer.acknowledgedUntil) })}
            {answer.nextRungTime && <> {t('notices.then', { role: label(RoleSchema, answer.nextAudience), when: near(answer.nextRungTime) })}</>}
          </p>
        )}
        {trouble && <p className="nhsuk-error-message">{trouble.message}</p>}
      </div>
    </li>
  );
}
