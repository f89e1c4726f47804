import { useEffect, useState } from 'react';
import { useAsked } from '../../api/asked';
import { client } from '../../api/transport';
import { Text } from '../../form/controls';
import { AuditService } from '../../gen/waymark/audit/v1/audit_service_pb';
import { BackTo } from '../../shell/back_to';
import { Page } from '../../shell/page';
import { Failed, Loading, NotFound } from '../../shell/states';
import { useWords } from '../../words/words';
import { type Verdict, verify } from './proof';

// The proof of one entry, checked on this device. The key may be typed in from elsewhere: a proof
// against a key that the log itself supplies shows only that it is consistent with itself.
export default function ProofPage({ sequence }: { sequence: string }) {
  return /^\d{1,15}$/.test(sequence) ? <Proof sequence={sequence} /> : <NotFound />;
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function Proof({ sequence }: { sequence: string }) {
  const { t } = useWords();
  const audit = client(AuditService);
  const [held, setHeld] = useState<string>();
  const [verdict, setVerdict] = useState<Verdict>();
  const { asked, again } = useAsked(
    async (signal) => {
      const state = await audit.getCheckpoint({}, { signal });
      const proof = await audit.getInclusionProof(
        { entry: { case: 'sequence', value: BigInt(sequence) }, treeSize: state.checkpoint?.size ?? 0n },
        { signal },
      );
      // Search shows the newest first; the entry's own text comes with the page it is on.
      for (let token = ''; ; ) {
        const page = await audit.searchEntries({ pageSize: 1000, pageToken: token }, { signal });
        const entry = page.entries.find((one) => String(one.sequence) === sequence);
        token = page.nextPageToken;
        if (entry || token === '') return { state, proof, leaf: entry?.leaf };
      }
    },
    [sequence],
  );
  const there = asked.state === 'there' ? asked.value : undefined;
  const key = held ?? there?.state.verifierKey ?? '';
  useEffect(() => {
    if (!there?.leaf || !there.state.checkpoint) return;
    let gone = false;
    verify(there.leaf, there.proof, there.state.checkpoint.note, key.trim()).then(
      (found) => !gone && setVerdict(found),
      () => !gone && setVerdict('signature_fails'),
    );
    return () => {
      gone = true;
    };
  }, [there, key]);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  if (!there?.leaf) return <NotFound />;
  const holds = verdict === 'holds';
  return (
    <Page title={t('proof.title', { n: Number(sequence) })} back={<BackTo href="/audit">{t('nav.audit')}</BackTo>}>
      <div role="status">
        {verdict && (
          <div className={`wm-verdict wm-verdict--${holds ? 'holds' : 'fails'}`}>
            <h2 className="nhsuk-heading-m">{t(holds ? 'proof.holds' : 'proof.fails')}</h2>
            <p>{t(`proof.verdict.${verdict}`)}</p>
          </div>
        )}
      </div>
      <p>{t('proof.how')}</p>
      <div className="wm-narrow">
        <Text name="key" label={t('proof.key')} hint={t('proof.key_hint')} value={key} change={(typed) => setHeld(typed ?? '')} />
      </div>
      <h2 className="nhsuk-heading-m">{t('proof.leaf')}</h2>
      <pre className="wm-code" lang="en" tabIndex={0}>{there.leaf}</pre>
      <h2 className="nhsuk-heading-m">{t('proof.checkpoint')}</h2>
      <pre className="wm-code" lang="en" tabIndex={0}>{there.state.checkpoint?.note}</pre>
      <details className="nhsuk-details wm-details">
        <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{t('proof.hashes', { n: there.proof.proof.length })}</span></summary>
        <ol className="nhsuk-details__text wm-hashes">{there.proof.proof.map((one, i) => <li key={i}><code>{hex(one)}</code></li>)}</ol>
      </details>
    </Page>
  );
}
