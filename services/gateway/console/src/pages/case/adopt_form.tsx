// Moving a case to another version of its protocol: what would move is shown before anything does.
import { create, type DescMethodUnary } from '@bufbuild/protobuf';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { useAsked } from '../../api/asked';
import { type Trouble, troubleOf } from '../../api/errors';
import { newRequestId } from '../../api/ids';
import { Choice, Text } from '../../form/controls';
import type { Value } from '../../form/derived';
import type { Move } from '../../gen/waymark/casework/v1/plan_pb';
import { useWords } from '../../words/words';
import { Moved } from './history';
import type { AnyCase, Served } from './pathways';

interface Props {
  held: AnyCase;
  method: DescMethodUnary;
  served: Served;
  sending: boolean;
  send: (value: Value) => void;
}

export function AdoptForm({ held, method, served, sending, send }: Props) {
  const { t } = useWords();
  const header = held.header!;
  const { asked } = useAsked(async (signal) => (await served.cases.listProtocols({}, { signal })).protocols, [header.caseId]);
  const [version, setVersion] = useState<number>();
  const [reason, setReason] = useState<string>();
  const [moves, setMoves] = useState<Move[]>();
  const [trouble, setTrouble] = useState<Trouble>();
  const [tried, setTried] = useState(false);
  const latest = useRef(0);
  const others = asked.state === 'there' ? asked.value.filter((one) => one.key === header.protocolKey && one.version !== header.protocolVersion) : [];
  const titles = new Map([...(header.plan?.steps ?? []).map((step) => [step.key, step.title] as const), ...others.flatMap((one) => one.steps.map((step) => [step.key, step.title] as const))]);

  const choose = (next: number | undefined) => {
    setVersion(next);
    setMoves(undefined);
    setTrouble(undefined);
    if (next === undefined) return;
    const round = ++latest.current;
    served
      .act(method, create(method.input, { requestId: newRequestId(), caseId: header.caseId, expectedVersion: header.version, protocolVersion: next, validateOnly: true } as Record<string, unknown>))
      .then(
        (answer) => round === latest.current && setMoves(answer.moves ?? []),
        (error: unknown) => round === latest.current && setTrouble(troubleOf(error)),
      );
  };
  if (asked.state === 'there' && others.length === 0) {
    return <p>{t('adopt.none', { version: header.protocolVersion })} <Link href={`/protocols?key=${header.protocolKey}`}>{t('case.protocol_link')}</Link></p>;
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (version !== undefined && reason !== undefined) send({ protocolVersion: version, reason });
      }}
    >
      <Choice
        name="protocol_version"
        label={t('adopt.which', { version: header.protocolVersion })}
        options={others.map((one) => ({ value: one.version, label: t(one.signedOff ? 'adopt.signed' : 'adopt.unsigned', { version: one.version }) }))}
        value={version}
        change={choose}
        error={tried && version === undefined ? t('adopt.which_missing') : undefined}
      />
      <div role="status">
        {trouble && <p className="nhsuk-error-message">{trouble.message}</p>}
        {moves && (
          <>
            <h2 className="nhsuk-heading-m">{t('adopt.moves')}</h2>
            {moves.length === 0 ? (
              <p>{t('adopt.nothing')}</p>
            ) : (
              <ul>{moves.map((move, i) => <li key={i}><span lang="en">{titles.get(move.stepKey.split('#')[0]!) ?? titles.get(move.stepKey) ?? move.stepKey}</span>: <Moved move={move} /></li>)}</ul>
            )}
          </>
        )}
      </div>
      <Text name="reason" long label={t('field.reason')} value={reason} change={setReason} error={tried && reason === undefined ? t('adopt.reason_missing') : undefined} />
      <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('adopt.submit')}</button>
    </form>
  );
}
