// A form made from the message that it fills in: every act of every pathway has one, and a field that
// is added to the API is asked for without a line here. `shapes.ts` says what is asked first, and what
// only after a certain answer.
import { type DescField, type DescMessage, type DescOneof, ScalarType } from '@bufbuild/protobuf';
import { createContext, type ReactNode, useContext, useId } from 'react';
import { outputOnly, said } from '../gen/comments';
import { useWords, type Words } from '../words/words';
import { fieldLabel } from './field_label';
import { Choice, Choices, DateField, type Day, Flag, type Moment, type Option, Text, toLocalTime, When } from './controls';
import { Items } from './items';
import { type Shape, shapes } from './shapes';
import { TeethChart } from './teeth';

// What has been answered, by local field name; nested messages are nested values. Moments and numbers
// being typed become what the message takes in `initOf`.
export type Value = { [field: string]: unknown };

// What the record offers for a field that names a part of it, by message and field:
// "RecordTrimRequest.incident_number".
export type Picks = Readonly<Record<string, readonly Option<string | number>[]>>;
export const PicksContext = createContext<Picks>({});

const kLocalTime = 'waymark.casework.v1.LocalTime';
const kCivilDate = 'waymark.casework.v1.CivilDate';
const kTimestamp = 'google.protobuf.Timestamp';

const kNeverAsked = new Set(['request_id', 'case_id', 'expected_version', 'validate_only', 'tenant', 'actor']);

// Numbers copied from a form.
const kItems: Readonly<Record<string, { count: number; max: number }>> = {
  'TrimAssessment.answers': { count: 10, max: 2 },
};

const nameOf = (field: DescField) => `${field.parent.typeName}.${field.name}`;
const pickOf = (field: DescField) => `${field.parent.name}.${field.name}`;
const shapeOf = (message: DescMessage): Shape => shapes[shortName(message)] ?? {};

// "waymark.msk.v1.Injury" -> "msk.Injury".
export const shortName = (message: DescMessage) => message.typeName.replace(/^waymark\.(\w+)\.v1\./, '$1.');

export function isAsked(field: DescField, hidden: ReadonlySet<string>): boolean {
  if (kNeverAsked.has(field.name) || outputOnly.has(nameOf(field)) || hidden.has(field.name)) return false;
  const { ask, more, fold, together } = shapeOf(field.parent);
  if (ask === undefined) return true;
  const name = field.oneof?.name ?? field.name;
  return [...ask, ...(more ?? []), ...(fold ?? []), ...(together ?? []).flatMap((one) => one.fields)].includes(name);
}

// The names that stand for what has been answered to a field: of enums their values, of flags "true" or
// "false".
function answersTo(message: DescMessage, value: Value, name: string): string[] {
  const field = message.fields.find((one) => one.name === name);
  if (!field) return [];
  const given = value[field.localName];
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.BOOL) return [String(given ?? false)];
  const type = field.enum;
  if (!type || given === undefined) return [];
  return [given].flat().map((one) => type.value[one as number]?.localName ?? '');
}

// Whether the answers so far still lead to this question.
function isWanted(field: DescField, value: Value): boolean {
  const rule = shapeOf(field.parent).when?.[field.name];
  if (!rule) return true;
  const [other, ...values] = rule;
  const answers = answersTo(field.parent, value, other);
  // What is asked after a question that is not asked itself goes with it.
  const before = field.parent.fields.find((one) => one.name === other);
  if (before && !isWanted(before, value)) return false;
  return values.includes('*') ? answers.length > 0 : answers.some((answer) => values.includes(answer));
}

const isNeeded = (field: DescField) =>
  shapeOf(field.parent).need?.includes(field.oneof?.name ?? field.name) || /(^|[.;] )Required(\.|, \d)/.test(said[nameOf(field)] ?? '');

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  if (typeof value !== 'object') return false;
  if ('text' in value && !('ms' in value)) return true;
  return Object.entries(value).every(([name, one]) => name.startsWith('$') || isEmpty(one));
}

// What must be answered and is not, by path, in the order of the form.
export function lacking(message: DescMessage, value: Value, hidden: ReadonlySet<string>, path = ''): { path: string; field: DescField | DescOneof }[] {
  const found: { path: string; field: DescField | DescOneof }[] = [];
  const { fold = [], more = [] } = shapeOf(message);
  const seen = new Set<DescOneof>();
  for (const field of message.fields) {
    if (!isAsked(field, hidden) || !isWanted(field, value)) continue;
    const name = `${path}${field.name}`;
    if (field.oneof) {
      if (seen.has(field.oneof)) continue;
      seen.add(field.oneof);
      const chosen = value[field.oneof.localName] as { case: string; value: unknown } | undefined;
      if (!chosen && isNeeded(field)) found.push({ path: `${path}${field.oneof.name}`, field: field.oneof });
      const one = field.oneof.fields.find((each) => each.localName === chosen?.case);
      if (one?.message && !isScalarMessage(one.message)) found.push(...lacking(one.message, (chosen?.value ?? {}) as Value, hidden, `${path}${one.name}.`));
      else if (one?.message && isEmpty(chosen?.value)) found.push({ path: `${path}${one.name}`, field: one });
      continue;
    }
    const given = value[field.localName];
    if (field.fieldKind === 'message' && !isScalarMessage(field.message)) {
      const may = fold.includes(field.name) || more.includes(field.name);
      if (!may || !isEmpty(given)) found.push(...lacking(field.message, (given ?? {}) as Value, hidden, `${name}.`));
    } else if (field.fieldKind === 'list' && field.listKind === 'message' && !isScalarMessage(field.message)) {
      const list = (given as Value[] | undefined) ?? [];
      list.forEach((one, i) => found.push(...lacking(field.message, one, hidden, `${name}[${i}].`)));
      if (isNeeded(field) && isEmpty(given)) found.push({ path: name, field });
    } else if (isNeeded(field) && isEmpty(given)) {
      found.push({ path: name, field });
    }
  }
  return found;
}

const isScalarMessage = (message: DescMessage) => [kLocalTime, kTimestamp, kCivilDate].includes(message.typeName);

// The API's own comment, where it helps whoever fills in the form.
function hintOf({ lang }: Words, field: DescField, label: string): ReactNode {
  // Sentences for programs (sizes, ranges, what an unset field means) are left out.
  const text = (said[nameOf(field)] ?? '')
    .split(/(?<=[.;]) /)
    .filter((sentence) => !/\b(Required|Unset|(reporter|referrer)'s words|Empty|each once|[Aa]t (most|least)|\d+ to [\d,]+)\b/.test(sentence))
    .join(' ')
    .trim();
  if (text === '' || text.length > 200 || /UUID|User id|ignored|[a-z]_[a-z]|[A-Z]{2}_/.test(text)) return undefined;
  if (lang === 'en' && repeats(text, label)) return undefined;
  return lang === 'cy' ? <span lang="en">{text}</span> : text;
}

// Whether the comment says little that the label does not say.
function repeats(text: string, label: string): boolean {
  const stems = (of: string) => of.toLowerCase().match(/[a-z]{4,}/g)?.map((word) => word.slice(0, 4)) ?? [];
  const known = new Set([...stems(label), 'what', 'when', 'this', 'that', 'were', 'they', 'them', 'with']);
  const words = stems(text);
  return words.filter((word) => known.has(word)).length >= words.length * 0.6;
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
  const words = useWords();
  const { ask, more = [], fold = [], together = [] } = shapeOf(message);
  const ticked = new Set(together.flatMap((one) => one.fields));
  const names = new Set<string>();
  const all = message.fields.filter((field) => isAsked(field, hidden) && isWanted(field, value));
  const row = (name: string, bare = false): ReactNode => {
    if (names.has(name)) return null;
    names.add(name);
    const list = together.find((one) => one.name === name);
    if (list) {
      const fields = all.filter((field) => list.fields.includes(field.name));
      return fields.length === 0 ? null : <Together key={name} name={`${path}${name}`} message={message} group={name} fields={fields} value={value} change={change} />;
    }
    const field = all.find((one) => one.name === name || one.oneof?.name === name);
    if (!field || ticked.has(field.name)) return null;
    if (field.oneof) {
      if (names.has(`oneof ${field.oneof.name}`)) return null;
      names.add(`oneof ${field.oneof.name}`);
      return <OneOf key={name} oneof={field.oneof} value={value} change={change} hidden={hidden} errorOf={errorOf} path={path} />;
    }
    const set = (one: unknown) => {
      const next = { ...value };
      if (one === undefined) delete next[field.localName];
      else next[field.localName] = one;
      change(next);
    };
    return <FieldOf key={field.name} field={field} value={value[field.localName]} change={set} errorOf={errorOf} path={`${path}${field.name}`} hidden={hidden} bare={bare} />;
  };
  const first = (ask ?? all.map((field) => field.name)).filter((name) => !more.includes(name) && !fold.includes(name));
  const rest = more.filter((name) => all.some((field) => field.name === name));
  // One question by itself is named; several are "more".
  const alone = rest.length === 1 ? all.find((field) => field.name === rest[0]) : undefined;
  const restName = alone ? fieldLabel(words, alone) : words.t('log.more');
  return (
    <>
      {first.map((name) => row(name))}
      {fold.map((name) => {
        const field = all.find((one) => one.name === name);
        if (!field) return null;
        const given = value[field.localName];
        return (
          <details key={name} className="nhsuk-details wm-details" open={!isEmpty(given)}>
            <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{fieldLabel(words, field)}</span></summary>
            <div className="nhsuk-details__text">{row(name, true)}</div>
          </details>
        );
      })}
      {rest.length > 0 && (
        <details className="nhsuk-details wm-details" open={rest.some((name) => errorOf(`${path}${name}`) !== undefined)}>
          <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{restName}</span></summary>
          <div className="nhsuk-details__text">{rest.map((name) => row(name))}</div>
        </details>
      )}
    </>
  );
}

// Several answers of yes and no in one list to tick.
function Together({ name, message, group, fields, value, change }: {
  name: string;
  message: DescMessage;
  group: string;
  fields: DescField[];
  value: Value;
  change: (value: Value) => void;
}) {
  const words = useWords();
  const answer = (field: DescField, to: string) => field.enum?.values.find((one) => one.localName === to)?.number;
  const ticked = fields.filter((field) => value[field.localName] === answer(field, 'YES')).map((field) => field.name);
  const none = ticked.length === 0 && fields.every((field) => value[field.localName] === answer(field, 'NO'));
  return (
    <Choices
      name={name}
      label={words.word(`field.${message.name}.${group}`) ?? group}
      options={[
        ...fields.map((field) => ({ value: field.name, label: words.word(`tick.${field.name}`) ?? fieldLabel(words, field) })),
        { value: kNone, label: words.t('form.none_of_these') },
      ]}
      none={kNone}
      value={none ? [kNone] : ticked}
      change={(chosen = []) => {
        const next = { ...value };
        for (const field of fields) {
          if (chosen.length === 0) delete next[field.localName];
          else next[field.localName] = answer(field, chosen.includes(field.name) ? 'YES' : 'NO');
        }
        change(next);
      }}
    />
  );
}

const kNone = 'none';

function OneOf({ oneof, value, change, hidden, errorOf, path }: Omit<Props, 'message' | 'path'> & { oneof: DescOneof; path: string }) {
  const words = useWords();
  const chosen = value[oneof.localName] as { case: string; value: unknown } | undefined;
  const fields = oneof.fields.filter((field) => isAsked(field, hidden ?? kNothingHidden));
  const field = fields.find((one) => one.localName === chosen?.case);
  const asksMore = field && !(field.message && !isScalarMessage(field.message) && field.message.fields.length === 0);
  return (
    <>
      <Choice
        name={`${path}${oneof.name}`}
        label={fieldLabel(words, oneof)}
        error={errorOf(`${path}${oneof.name}`)}
        options={fields.map((one) => ({ value: one.localName, label: fieldLabel(words, one) }))}
        value={chosen?.case}
        change={(name) => change({ ...value, [oneof.localName]: { case: name, value: name === chosen?.case ? chosen?.value : {} } })}
      />
      {field && asksMore && (
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

// How long ago, in minutes, is offered first.
const agoOf = (field: DescField) =>
  /^(incident|occurred)_time$/.test(field.name) ? [0, 10, 20, 30, 60, 120] : /^(completed|taken|learned|from)_time$/.test(field.name) ? [0, 60, 24 * 60] : [0, 15, 60];

function FieldOf({ field, value, change, errorOf, path, hidden, bare = false }: FieldProps) {
  const words = useWords();
  const picks = useContext(PicksContext)[pickOf(field)];
  const id = useId();
  const label = bare && field.message && isScalarMessage(field.message) ? words.t('form.when') : fieldLabel(words, field);
  const common = { name: path, label, hint: hintOf(words, field, label), error: errorOf(path) };
  const only = shapeOf(field.parent).only?.[field.name];
  const options = (type: NonNullable<DescField['enum']>) =>
    type.values.filter((one) => one.number !== 0 && (only?.includes(one.localName) ?? true)).map((one) => ({ value: one.number, label: words.label(type, one.number) }));

  if (picks && field.fieldKind === 'scalar') {
    if (picks.length === 0) return <p className="nhsuk-hint" data-question={path}>{label} {words.t('form.nothing_recorded')}</p>;
    return <Choice {...common} hint={undefined} options={picks.slice(0, 9)} others={picks.slice(9)} value={value as string | number | undefined} change={change} />;
  }
  switch (field.fieldKind) {
    case 'enum': {
      const all = options(field.enum);
      // A few more are shown at once; the rest of a long list on demand.
      const shown = all.length <= 13 ? all.length : 9;
      return <Choice {...common} options={all.slice(0, shown)} others={all.slice(shown)} value={value as number | undefined} change={change} />;
    }
    case 'message':
      switch (field.message.typeName) {
        case kLocalTime:
        case kTimestamp:
          return <When {...common} ago={agoOf(field)} value={momentOf(value)} change={change} />;
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
        const given = value as number[] | undefined;
        if (!shapeOf(field.parent).none?.includes(field.name)) return <Choices {...common} options={options(field.enum)} value={given} change={change} />;
        // None at all is an answer of its own: an empty list, which is not the same as no list.
        return (
          <Choices
            {...common}
            options={[...options(field.enum), { value: 0, label: words.t('form.none_of_these') }]}
            none={0}
            value={given?.length === 0 ? [0] : given}
            change={(chosen = []) => change(chosen.includes(0) ? [] : chosen.length === 0 ? undefined : chosen)}
          />
        );
      }
      if (field.listKind === 'message') {
        if (field.message.name === 'ToothInjury') {
          return <Teeth message={field.message} label={label} path={path} value={(value as Value[] | undefined) ?? []} change={change} errorOf={errorOf} hidden={hidden} />;
        }
        return <Several message={field.message} label={label} bare={bare} path={path} value={(value as Value[] | undefined) ?? []} change={change} errorOf={errorOf} hidden={hidden} />;
      }
      if (kItems[pickOf(field)]) {
        return <Items {...common} label={label} hint={words.t('items.hint')} {...kItems[pickOf(field)]!} value={value as number[] | undefined} change={change} />;
      }
      if (picks) {
        const chosen = (value as string[] | undefined) ?? [];
        return field.name === 'teeth' ? (
          <TeethChart
            name={path}
            label={label}
            error={errorOf(path)}
            chosen={chosen}
            among={picks.map((one) => String(one.value))}
            toggle={(tooth) => change(chosen.includes(tooth) ? chosen.filter((one) => one !== tooth) : [...chosen, tooth])}
          />
        ) : (
          <Choices {...common} options={[...picks]} value={chosen} change={change} />
        );
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
          const long = /note|reason|description|text|words|regimen|account|concern|plan|agreed|wishes|remark/.test(field.name);
          return <Text {...common} long={long} value={value as string | undefined} change={change} />;
        }
        default:
          return <Text {...common} numeric value={value === undefined ? undefined : String(value)} change={change} />;
      }
    default:
      return null;
  }
}

interface SeveralProps {
  message: DescMessage;
  label: string;
  bare?: boolean;
  path: string;
  value: Value[];
  change: (value: Value[]) => void;
  errorOf: (path: string) => string | undefined;
  hidden: ReadonlySet<string>;
}

function Several({ message, label, bare = false, path, value, change, errorOf, hidden }: SeveralProps) {
  const { t } = useWords();
  const lines = value.length === 0 ? [{}] : value;
  const put = (i: number, next: Value | undefined) => change(lines.map((old, at) => (at === i ? (next ?? {}) : old)));
  const line = (one: Value, i: number) => {
    const common = { name: `${path}[${i}]`, label: t('form.numbered', { label, n: i + 1 }), error: errorOf(`${path}[${i}]`) };
    if (message.typeName === kCivilDate) {
      return <DateField {...common} value={'year' in one ? (one as unknown as Day) : undefined} change={(day) => put(i, day as Value | undefined)} />;
    }
    if (message.typeName === kLocalTime) return <When {...common} ago={[0, 60]} value={momentOf(one)} change={(moment) => put(i, moment as Value | undefined)} />;
    return <Derived message={message} value={one} change={(next) => put(i, next)} hidden={hidden} errorOf={errorOf} path={`${path}[${i}].`} />;
  };
  return (
    <fieldset className="wm-group">
      <legend className={bare ? 'nhsuk-u-visually-hidden' : 'nhsuk-fieldset__legend nhsuk-fieldset__legend--m'}>{label}</legend>
      {lines.map((one, i) => (
        <div className="wm-nested" key={i}>
          {line(one, i)}
          {lines.length > 1 && (
            <button type="button" className="wm-link" onClick={() => change(lines.filter((_, at) => at !== i))}>{t('form.remove')}</button>
          )}
        </div>
      ))}
      <button type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" onClick={() => change([...lines, {}])}>{t('form.add')}</button>
    </fieldset>
  );
}

const kToothItself: ReadonlySet<string> = new Set(['tooth']);

// The teeth that were hurt: chosen in the mouth, then each with its own questions.
function Teeth({ message, label, path, value, change, errorOf }: SeveralProps) {
  const { t } = useWords();
  const teeth = value.map((one) => String(one.tooth ?? ''));
  return (
    <>
      <TeethChart
        name={path}
        label={label}
        error={errorOf(path)}
        chosen={teeth}
        toggle={(tooth) => change(teeth.includes(tooth) ? value.filter((one) => one.tooth !== tooth) : [...value, { tooth }])}
      />
      {value.map((one, i) => (
        <fieldset className="wm-nested wm-group" key={String(one.tooth)}>
          <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--m">{t('teeth.tooth', { tooth: String(one.tooth) })}</legend>
          <Derived message={message} value={one} change={(next) => change(value.map((old, at) => (at === i ? next : old)))} hidden={kToothItself} errorOf={errorOf} path={`${path}[${i}].`} />
        </fieldset>
      ))}
    </>
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
    // An answer to a question that is no longer asked is left out.
    if (!isWanted(field, value)) continue;
    const one = converted(field, value[field.localName]);
    if (one !== undefined) init[field.localName] = one;
  }
  return init;
}

function converted(field: DescField, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  switch (field.fieldKind) {
    case 'message':
      return single(field.message, value);
    case 'list': {
      if (!Array.isArray(value)) return undefined;
      if (field.listKind === 'message') return value.map((one) => single(field.message, one)).filter((one) => one !== undefined);
      return value.filter((one) => one !== '' && one !== undefined && one !== null);
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

function single(message: DescMessage, value: unknown): unknown {
  if (message.typeName === kLocalTime) return toLocalTime(momentOf(value));
  if (message.typeName === kTimestamp) {
    const ms = momentOf(value)?.ms;
    return ms === undefined ? undefined : { seconds: BigInt(Math.floor(ms / 1000)), nanos: 0 };
  }
  if (message.typeName === kCivilDate) return isEmpty(value) ? undefined : value;
  const init = initOf(message, value as Value);
  return Object.keys(init).length === 0 ? undefined : init;
}

// Says of each error where it belongs, and keeps what belongs nowhere.
export function errorsByPath(fields: { field: string; message: string }[]): Map<string, string> {
  return new Map(fields.map((one) => [one.field, one.message]));
}
