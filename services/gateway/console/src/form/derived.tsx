// A form made from the message that it fills in: every act of every pathway has one, and a field that
// is added to the API is asked for without a line here.
import { type DescField, type DescMessage, type DescOneof, ScalarType } from '@bufbuild/protobuf';
import { type ReactNode, useId } from 'react';
import { outputOnly, said } from '../gen/comments';
import { humanised, useWords, type Words } from '../words/words';
import type { Key } from '../words/en';
import { en } from '../words/en';
import { fieldLabel } from './field_label';
import { Choice, Choices, DateField, type Day, Flag, type Moment, Text, toLocalTime, When } from './controls';

// What has been answered, by local field name; nested messages are nested values. Moments and numbers
// being typed become what the message takes in `initOf`.
export type Value = { [field: string]: unknown };

const kLocalTime = 'waymark.casework.v1.LocalTime';
const kCivilDate = 'waymark.casework.v1.CivilDate';
const kTimestamp = 'google.protobuf.Timestamp';

const kNeverAsked = new Set(['request_id', 'case_id', 'expected_version', 'validate_only', 'tenant', 'actor']);

const nameOf = (field: DescField) => `${field.parent.typeName}.${field.name}`;

export function isAsked(field: DescField, hidden: ReadonlySet<string>): boolean {
  return !kNeverAsked.has(field.name) && !outputOnly.has(nameOf(field)) && !hidden.has(field.name);
}

function hintOf({ lang }: Words, field: DescField): ReactNode {
  const text = said[nameOf(field)];
  if (text === undefined || text.length > 220) return undefined;
  return lang === 'cy' ? <span lang="en">{text}</span> : text;
}

interface Props {
  message: DescMessage;
  value: Value;
  change: (value: Value) => void;
  hidden?: ReadonlySet<string>;
  // By path: "result.sampled_time".
  errorOf: (path: string) => string | undefined;
  path?: string;
}

const kNothingHidden: ReadonlySet<string> = new Set();

export function Derived({ message, value, change, hidden = kNothingHidden, errorOf, path = '' }: Props) {
  const seen = new Set<DescOneof>();
  const rows: ReactNode[] = [];
  for (const field of message.fields) {
    if (!isAsked(field, hidden)) continue;
    const set = (one: unknown) => {
      const next = { ...value };
      if (one === undefined) delete next[field.localName];
      else next[field.localName] = one;
      change(next);
    };
    if (field.oneof) {
      if (seen.has(field.oneof)) continue;
      seen.add(field.oneof);
      rows.push(<OneOf key={field.oneof.name} oneof={field.oneof} value={value} change={change} hidden={hidden} errorOf={errorOf} path={path} />);
      continue;
    }
    rows.push(
      <FieldOf key={field.name} field={field} value={value[field.localName]} change={set} errorOf={errorOf} path={`${path}${field.name}`} hidden={hidden} />,
    );
  }
  return <>{rows}</>;
}

function OneOf({ oneof, value, change, hidden, errorOf, path }: Omit<Props, 'message' | 'path'> & { oneof: DescOneof; path: string }) {
  const words = useWords();
  const { t } = words;
  const chosen = value[oneof.localName] as { case: string; value: unknown } | undefined;
  const fields = oneof.fields.filter((field) => isAsked(field, hidden ?? kNothingHidden));
  const field = fields.find((one) => one.localName === chosen?.case);
  const key = `field.${oneof.parent.name}.${oneof.name}`;
  return (
    <>
      <Choice
        name={`${path}${oneof.name}`}
        label={key in en ? t(key as Key) : humanised(oneof.name)}
        error={errorOf(`${path}${oneof.name}`)}
        options={fields.map((one) => ({ value: one.localName, label: textOf(fieldLabel(words, one), one) }))}
        value={chosen?.case}
        change={(name) => change({ ...value, [oneof.localName]: { case: name, value: name === chosen?.case ? chosen?.value : {} } })}
      />
      {field && (
        <div className="wm-nested">
          <FieldOf
            field={field}
            value={chosen?.value}
            change={(one) => change({ ...value, [oneof.localName]: { case: field.localName, value: one ?? {} } })}
            errorOf={errorOf}
            path={`${path}${field.name}`}
            hidden={hidden ?? kNothingHidden}
            bare
          />
        </div>
      )}
    </>
  );
}

const textOf = (label: ReactNode, field: DescField) => (typeof label === 'string' ? label : humanised(field.name));

interface FieldProps {
  field: DescField;
  value: unknown;
  change: (value: unknown) => void;
  errorOf: (path: string) => string | undefined;
  path: string;
  hidden: ReadonlySet<string>;
  // The heading stands above already.
  bare?: boolean;
}

function FieldOf({ field, value, change, errorOf, path, hidden, bare = false }: FieldProps) {
  const words = useWords();
  const id = useId();
  const label = fieldLabel(words, field);
  const common = { name: path, label, hint: hintOf(words, field), error: errorOf(path) };
  const options = (type: NonNullable<DescField['enum']>) =>
    type.values.filter((one) => one.number !== 0).map((one) => ({ value: one.number, label: words.label(type, one.number) }));

  switch (field.fieldKind) {
    case 'enum': {
      const all = options(field.enum);
      return <Choice {...common} options={all.slice(0, 9)} others={all.slice(9)} value={value as number | undefined} change={change} />;
    }
    case 'message':
      switch (field.message.typeName) {
        case kLocalTime:
        case kTimestamp:
          return <When {...common} ago={[0, 15, 60]} value={momentOf(value)} change={change} />;
        case kCivilDate:
          return <DateField {...common} value={value as Day | undefined} change={change} />;
        default:
          return (
            <fieldset className={bare ? 'wm-group wm-group--bare' : 'wm-group'} aria-labelledby={bare ? undefined : id}>
              {!bare && <legend id={id} className="nhsuk-fieldset__legend nhsuk-fieldset__legend--m">{label}</legend>}
              <Derived message={field.message} value={(value as Value | undefined) ?? {}} change={change} hidden={hidden} errorOf={errorOf} path={`${path}.`} />
            </fieldset>
          );
      }
    case 'list':
      if (field.listKind === 'enum') {
        return <Choices {...common} options={options(field.enum)} value={value as number[] | undefined} change={change} />;
      }
      if (field.listKind === 'message') {
        return <Several field={field.message} label={label} path={path} value={(value as Value[] | undefined) ?? []} change={change} errorOf={errorOf} hidden={hidden} />;
      }
      return (
        <Text
          {...common}
          long
          hint={words.t('form.one_a_line')}
          value={Array.isArray(value) ? value.join('\n') : undefined}
          change={(text) => change(text?.split('\n'))}
        />
      );
    case 'scalar':
      switch (field.scalar) {
        case ScalarType.BOOL:
          return <Flag {...common} value={value as boolean | undefined} change={change} />;
        case ScalarType.STRING: {
          const long = /note|reason|description|text|words|regimen/.test(field.name);
          return <Text {...common} long={long} value={value as string | undefined} change={change} />;
        }
        default:
          return <Text {...common} numeric value={value === undefined ? undefined : String(value)} change={change} />;
      }
    default:
      return null;
  }
}

function Several({ field, label, path, value, change, errorOf, hidden }: {
  field: DescMessage;
  label: ReactNode;
  path: string;
  value: Value[];
  change: (value: Value[]) => void;
  errorOf: (path: string) => string | undefined;
  hidden: ReadonlySet<string>;
}) {
  const { t } = useWords();
  const lines = value.length === 0 ? [{}] : value;
  return (
    <fieldset className="wm-group">
      <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--m">{label}</legend>
      {lines.map((one, i) => (
        <div className="wm-nested" key={i}>
          <Derived message={field} value={one} change={(next) => change(lines.map((old, at) => (at === i ? next : old)))} hidden={hidden} errorOf={errorOf} path={`${path}[${i}].`} />
          {lines.length > 1 && (
            <button type="button" className="wm-link" onClick={() => change(lines.filter((_, at) => at !== i))}>{t('form.remove')}</button>
          )}
        </div>
      ))}
      <button type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" onClick={() => change([...lines, {}])}>{t('form.add')}</button>
    </fieldset>
  );
}

// A value that came from the service holds a LocalTime; one that is being answered holds a Moment.
function momentOf(value: unknown): Moment | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('instant' in value && typeof value.instant === 'object' && value.instant !== null) {
    const { seconds } = value.instant as { seconds: bigint };
    return { ms: Number(seconds) * 1000 };
  }
  return value as Moment;
}

// What the message is made from. What was left empty is left out.
export function initOf(message: DescMessage, value: Value): Value {
  const init: Value = {};
  for (const field of message.fields) {
    const slot = field.oneof ? (value[field.oneof.localName] as { case: string; value: unknown } | undefined) : undefined;
    if (field.oneof) {
      if (slot?.case !== field.localName) continue;
      init[field.oneof.localName] = { case: field.localName, value: converted(field, slot.value) ?? {} };
      continue;
    }
    const one = converted(field, value[field.localName]);
    if (one !== undefined) init[field.localName] = one;
  }
  return init;
}

function converted(field: DescField, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  switch (field.fieldKind) {
    case 'message': {
      if (field.message.typeName === kLocalTime) return toLocalTime(momentOf(value));
      if (field.message.typeName === kTimestamp) {
        const ms = momentOf(value)?.ms;
        return ms === undefined ? undefined : { seconds: BigInt(Math.floor(ms / 1000)), nanos: 0 };
      }
      if (field.message.typeName === kCivilDate) return value;
      const init = initOf(field.message, value as Value);
      return Object.keys(init).length === 0 ? undefined : init;
    }
    case 'list': {
      if (!Array.isArray(value)) return undefined;
      if (field.listKind === 'message') return value.map((one) => initOf(field.message, one as Value));
      return value.filter((one) => one !== '');
    }
    case 'scalar':
      if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BOOL) return value;
      if (typeof value === 'bigint' || typeof value === 'number') return value;
      if (Number.isNaN(Number(value)) || value === '') return undefined;
      return [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64].includes(field.scalar) ? BigInt(Number(value)) : Number(value);
    default:
      return value;
  }
}

// Says of each error where it belongs, and keeps what belongs nowhere.
export function errorsByPath(fields: { field: string; message: string }[]): Map<string, string> {
  return new Map(fields.map((one) => [one.field, one.message]));
}
