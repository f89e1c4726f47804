// Everything that is recorded on a case, field by field, as the API names it.
import { type DescField, type DescMessage, isMessage, type Message } from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { ReactNode } from 'react';
import { fieldLabel } from '../../form/field_label';
import { LocalTimeSchema, CivilDateSchema } from '../../gen/waymark/casework/v1/local_time_pb';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { civilDateText, dateTimeText } from '../../time/dates';
import { useWords, type Words } from '../../words/words';
import type { AnyCase } from './pathways';
import { caseTypeOf, served } from './pathways';
import { useAsked } from '../../api/asked';
import { isPathway } from './pathways';

// Shown elsewhere on the page.
const kLeftOut = new Set(['header', 'results', 'advice', 'source', 'measurements', 'scores']);

export function Recorded({ held }: { held: AnyCase }) {
  const pathway = held.$typeName.split('.')[1] ?? '';
  const { asked } = useAsked(async () => {
    const door = isPathway(pathway) ? await served(pathway) : undefined;
    return door && caseTypeOf(door.service);
  }, [pathway]);
  if (asked.state !== 'there' || !asked.value) return null;
  return <Whole type={asked.value} held={held} leftOut={kLeftOut} />;
}

export function Whole({ type, held, leftOut = new Set() }: { type: DescMessage; held: Message; leftOut?: ReadonlySet<string> }) {
  const words = useWords();
  const whole = reflect(type, held);
  const parts = whole.fields.filter((field) => whole.isSet(field) && !leftOut.has(field.name));
  const small = parts.filter((field) => !(field.fieldKind === 'message' || (field.fieldKind === 'list' && field.listKind === 'message')) || isShort(field));
  const large = parts.filter((field) => !small.includes(field));
  return (
    <>
      <Lines words={words} message={whole} fields={small} />
      {large.map((field) => (
        <details key={field.name} className="nhsuk-details wm-details" open={field.name === 'exposure' || field.name === 'injury'}>
          <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{fieldLabel(words, field)}</span></summary>
          <div className="nhsuk-details__text">
            {field.fieldKind === 'list' ? shown(words, field, whole.get(field)) : single(words, field, whole.get(field))}
          </div>
        </details>
      ))}
    </>
  );
}

const isShort = (field: DescField) =>
  field.message !== undefined && [LocalTimeSchema.typeName, CivilDateSchema.typeName, TimestampSchema.typeName].includes(field.message.typeName as never);

function Lines({ words, message, fields }: { words: Words; message: ReflectMessage; fields: DescField[] }) {
  if (fields.length === 0) return null;
  return (
    <dl className="nhsuk-summary-list wm-recorded">
      {fields.map((field) => (
        <div className="nhsuk-summary-list__row" key={field.name}>
          <dt className="nhsuk-summary-list__key">{fieldLabel(words, field)}</dt>
          <dd className="nhsuk-summary-list__value">{shown(words, field, message.get(field))}</dd>
        </div>
      ))}
    </dl>
  );
}

function shown(words: Words, field: DescField, value: unknown): ReactNode {
  if (field.fieldKind === 'list') {
    const list = [...(value as Iterable<unknown>)];
    return <ul className="wm-plain">{list.map((one, i) => <li key={i}>{single(words, field, one)}</li>)}</ul>;
  }
  return single(words, field, value);
}

function single(words: Words, field: DescField, value: unknown): ReactNode {
  if (field.fieldKind === 'map') return null;
  if (field.enum) return words.label(field.enum, value as number);
  if (typeof value === 'boolean') return words.t(value ? 'bbv.Answer.YES' : 'bbv.Answer.NO');
  if (field.message) {
    const { message } = value as ReflectMessage;
    if (isMessage(message, LocalTimeSchema)) return message.instant ? dateTimeText(words.t, timestampMs(message.instant)) : message.civil;
    if (isMessage(message, TimestampSchema)) return dateTimeText(words.t, timestampMs(message));
    if (isMessage(message, CivilDateSchema)) return civilDateText(words.t, message);
    const inner = value as ReflectMessage;
    return <Lines words={words} message={inner} fields={inner.fields.filter((one) => inner.isSet(one))} />;
  }
  return String(value);
}
