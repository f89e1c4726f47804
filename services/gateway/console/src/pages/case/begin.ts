// What the form of an act begins with, and what the record offers for fields that name a part of it.
import type { DescEnum, DescField, DescMessage, DescMethodUnary } from '@bufbuild/protobuf';
import type { Option } from '../../form/controls';
import type { Picks, Value } from '../../form/derived';
import type { Step } from '../../gen/waymark/casework/v1/plan_pb';
import type { DentalCase } from '../../gen/waymark/dental/v1/dental_case_pb';
import type { MentalHealthCase } from '../../gen/waymark/mental_health/v1/mental_health_case_pb';
import type { MskCase } from '../../gen/waymark/msk/v1/msk_case_pb';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { CivilDateSchema, LocalTimeSchema } from '../../gen/waymark/casework/v1/local_time_pb';
import { dateText } from '../../time/dates';
import type { Words } from '../../words/words';
import { beginFor, itemOf } from './acts';
import type { AnyCase, Pathway } from './pathways';

const fieldNamed = (message: DescMessage, name: string) => message.fields.find((one) => one.name === name);

type Pick = Option<string | number> & { item?: string };

// The enum of a field of the record's own message.
function enumAt(held: DescMessage, path: string): DescEnum | undefined {
  let message: DescMessage | undefined = held;
  let field: DescField | undefined;
  for (const name of path.split('.')) {
    field = message && fieldNamed(message, name);
    message = field?.message;
  }
  return field?.enum;
}

const valueName = (held: DescMessage, path: string, value: number) => enumAt(held, path)?.value[value]?.localName ?? '';

// `type` is the message of the case.
export function picksOf(words: Words, pathway: Pathway, type: DescMessage, case_: AnyCase): Picks {
  const { t } = words;
  const label = (path: string, value: number) => {
    const of = enumAt(type, path);
    return of ? words.label(of, value) : String(value);
  };
  const when = (time: { instant?: { seconds: bigint; nanos: number } | undefined } | undefined) =>
    time?.instant ? dateText(t, Number(time.instant.seconds) * 1000) : '';
  const steps = (case_.header?.plan?.steps ?? []).filter((step) => step.outcome === undefined);
  const common = { 'WaiveStepRequest.step_key': steps.map((step) => ({ value: step.key, label: step.title })) };
  switch (pathway) {
    case 'mental_health': {
      const held = case_ as unknown as MentalHealthCase;
      const incidents = held.incidents.map((one) => ({ value: one.number, label: `${label('incidents.kind', one.kind)}, ${when(one.occurredTime)}` }));
      const flags = held.riskFlags.map((one) => ({
        value: one.number,
        label: `${label('risk_flags.source', one.source)}, ${one.raisedTime ? dateText(t, timestampMs(one.raisedTime)) : ''}`,
      }));
      return {
        ...common,
        'RecordTrimRequest.incident_number': incidents,
        'RecordDecompressionRequest.incident_number': incidents,
        'CorrectIncidentRequest.incident_number': incidents,
        'RecordRiskConversationRequest.flag_number': flags,
        'RecordFirearmsRequestRequest.flag_number': flags,
        'RecordTreatmentRequest.treatment_number': held.treatments
          .filter((one) => !one.endedTime && !one.declinedTime)
          .map((one) => ({ value: one.number, label: `${label('treatments.kind', one.kind)}, ${when(one.offeredTime)}` })),
        'RecordOnwardCareRequest.referral_number': held.onwardReferrals
          .filter((one) => !one.endedTime)
          .map((one) => ({ value: one.number, label: [one.to || label('onward_referrals.service', one.service), when(one.referredTime)].join(', ') })),
        'WithdrawMeasureRequest.measurement_id': held.measurements
          .filter((one) => one.withdrawnReason === '')
          .map((one) => ({ value: one.measurementId, label: `${label('measurements.instrument', one.instrument)}, ${when(one.completedTime)}` })),
      };
    }
    case 'msk': {
      const held = case_ as unknown as MskCase;
      const seen = new Map<number, number>();
      const flags = held.redFlags.map((one) => {
        const nth = (seen.get(one.suspicion) ?? 0) + 1;
        seen.set(one.suspicion, nth);
        // As the protocol's step keys name it: "cauda equina", and "cauda equina 2".
        const name = valueName(type, 'red_flags.suspicion', one.suspicion).toLowerCase().replaceAll('_', ' ');
        return { value: one.redFlagId, label: label('red_flags.suspicion', one.suspicion), item: nth === 1 ? name : `${name} ${nth}` };
      });
      return {
        ...common,
        'RecordEscalationRequest.red_flag_id': flags,
        'Care.red_flag_id': flags,
        'RecordCareProgressRequest.care_id': held.care
          .map((one, i) => ({
            one,
            value: one.careId,
            item: String(i + 1),
            label: `${one.modality ? label('care.modality', one.modality) : label('care.kind', one.kind)}, ${label('care.provider', one.provider)}, ${when(one.requestedTime)}`,
          }))
          .filter(({ one }) => !one.cancelledTime),
      };
    }
    case 'dental': {
      const held = case_ as unknown as DentalCase;
      const teeth: Option<string>[] = (held.injury?.teeth ?? []).map((one) => ({ value: one.tooth, label: one.tooth }));
      return { ...common, 'RecordToothCareRequest.teeth': teeth, 'ToothFinding.tooth': teeth };
    }
    default:
      return common;
  }
}

// Which of the picks the step is about: by the name of its item in the step's key.
function pickFor(options: readonly Pick[], step: Step | undefined): string | number | undefined {
  const item = step ? itemOf(step.key) : '';
  const exact = item === '' ? undefined : options.find((one) => (one.item ?? String(one.value)) === item);
  // "MRI 2": the second thing that was asked for.
  const numbered = exact ?? options.find((one) => one.item !== undefined && one.item === /\d+$/.exec(item)?.[0]);
  return numbered?.value ?? (options.length === 1 ? options[0]!.value : undefined);
}

// Puts the value that `name` stands for at the path, by the API's own names.
export function put(message: DescMessage, value: Value, path: readonly string[], name: string): Value {
  const [first, ...rest] = path;
  const oneof = message.oneofs.find((one) => one.name === first);
  if (oneof) {
    const field = oneof.fields.find((one) => one.name === name);
    return field ? { ...value, [oneof.localName]: { case: field.localName, value: {} } } : value;
  }
  const field = fieldNamed(message, first!);
  if (!field) return value;
  const at = field.oneof ? (value[field.oneof.localName] as { value?: unknown } | undefined)?.value : value[field.localName];
  const next =
    rest.length > 0 && field.message
      ? put(field.message, (at ?? {}) as Value, rest, name)
      : field.enum
        ? field.enum.values.find((one) => one.localName === name)?.number
        : name === 'true';
  return field.oneof ? { ...value, [field.oneof.localName]: { case: field.localName, value: next } } : { ...value, [field.localName]: next };
}

// What is recorded, as a form holds it while it is being answered.
function typed(message: DescMessage, recorded: unknown): unknown {
  if (typeof recorded !== 'object' || recorded === null) return recorded;
  const held = recorded as Record<string, unknown>;
  if (message.typeName === LocalTimeSchema.typeName) {
    const { instant } = held as { instant?: Timestamp };
    return instant && { ms: timestampMs(instant) };
  }
  if (message.typeName === CivilDateSchema.typeName) return { year: held.year, month: held.month, day: held.day };
  const value: Value = {};
  for (const field of message.fields) {
    if (field.oneof) {
      const slot = held[field.oneof.localName] as { case?: string; value?: unknown } | undefined;
      if (slot?.case === field.localName) value[field.oneof.localName] = { case: field.localName, value: field.message ? typed(field.message, slot.value) : slot.value };
      continue;
    }
    const one = held[field.localName];
    if (one === undefined || one === '' || (field.enum && one === 0) || (Array.isArray(one) && one.length === 0)) continue;
    if (field.fieldKind === 'message') value[field.localName] = typed(field.message, one);
    else if (field.fieldKind === 'list' && field.listKind === 'message') value[field.localName] = (one as unknown[]).map((each) => typed(field.message, each));
    else value[field.localName] = typeof one === 'bigint' ? Number(one) : one;
  }
  return value;
}

// What the form begins with: the step it was opened from, and for a correction what is recorded.
export function beginning(pathway: Pathway, method: DescMethodUnary, held: AnyCase, step: Step | undefined, picks: Picks): Value {
  let value: Value = {};
  for (const field of method.input.fields) {
    if (field.name === 'step_key' && step) value[field.localName] = step.key;
    if (field.name === 'sample' && step) value[field.localName] = { stepKey: step.key.replace(/^awaited_/, 'test_') };
    if (method.name.startsWith('Correct') && field.fieldKind === 'message') {
      const recorded = (held as unknown as Record<string, unknown>)[field.localName];
      if (recorded !== undefined) value[field.localName] = typed(field.message, recorded);
      if (method.name === 'CorrectIncident') {
        const { incidents } = held as unknown as MentalHealthCase;
        const number = pickFor(picks[`${method.input.name}.incident_number`] ?? [], step);
        const incident = incidents.find((one) => one.number === number);
        if (incident) value[field.localName] = typed(field.message, incident);
      }
    }
    const options = picks[`${method.input.name}.${field.name}`];
    if (options && !(field.name === 'step_key' && step)) {
      const pick = pickFor(options, step);
      if (pick !== undefined) value[field.localName] = field.fieldKind === 'list' ? [pick] : pick;
    }
  }
  if (step) {
    for (const [path, name] of Object.entries(beginFor(pathway, step.key))) value = put(method.input, value, path.split('.'), name);
  }
  // A follow-up visit looks at every tooth that is due at it.
  if (pathway === 'dental' && method.name === 'RecordReview') {
    const due = (held.header?.plan?.steps ?? []).filter((one) => !one.outcome && /^(review|eruption_check)/.test(one.key) && (!step || one.key.split('#')[0] === step.key.split('#')[0]));
    const teeth = [...new Set(due.map((one) => itemOf(one.key)).filter((one) => one !== ''))];
    value.review = { findings: (teeth.length > 0 ? teeth : (picks['ToothFinding.tooth'] ?? []).map((one) => String(one.value))).map((tooth) => ({ tooth })) };
  }
  return value;
}
