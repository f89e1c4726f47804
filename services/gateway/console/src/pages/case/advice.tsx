import { useState } from 'react';
import { AdviceSchema, type BbvCase } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { BbvService } from '../../gen/waymark/bbv/v1/bbv_service_pb';
import { type ExposureSource, ExposureSourceSchema } from '../../gen/waymark/bbv/v1/exposure_pb';
import { type Trouble, troubleOf } from '../../api/errors';
import { client } from '../../api/transport';
import { useWords } from '../../words/words';
import { Whole } from './recorded';

// What the clinical rules say of the record as it stands. People decide.
export function Advice({ held }: { held: BbvCase }) {
  const { t } = useWords();
  if (!held.advice) return null;
  return (
    <section aria-labelledby="advice">
      <h2 className="nhsuk-heading-l" id="advice">{t('case.advice')}</h2>
      <p className="nhsuk-hint">{t('case.advice_hint')}</p>
      <Whole type={AdviceSchema} held={held.advice} />
    </section>
  );
}

// The source is another person: looked up only when asked for, and every look is recorded.
export function Source({ id }: { id: string }) {
  const { t } = useWords();
  const [source, setSource] = useState<ExposureSource>();
  const [trouble, setTrouble] = useState<Trouble>();
  const look = () => {
    client(BbvService)
      .getSource({ caseId: id })
      .then((answer) => setSource(answer.source), (error: unknown) => setTrouble(troubleOf(error)));
  };
  return (
    <div className="wm-source">
      <h3 className="nhsuk-heading-m">{t('source.title')}</h3>
      {source ? (
        <Whole type={ExposureSourceSchema} held={source} />
      ) : (
        <>
          <p>{t('source.hint')}</p>
          {trouble && <p className="nhsuk-error-message" role="alert">{trouble.message}</p>}
          <button type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" onClick={look}>{t('source.show')}</button>
        </>
      )}
    </div>
  );
}
