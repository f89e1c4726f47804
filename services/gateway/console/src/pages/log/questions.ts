// Which questions an exposure is asked, and when. Only what changes the path or the care at this
// moment is asked; the rest stands under "more, if you know it".
import type { DescEnum } from '@bufbuild/protobuf';
import {
  ActivitySchema,
  AnswerSchema,
  BodySiteSchema,
  DepthSchema,
  DeviceSchema,
  FirstAid,
  FirstAidSchema,
  Fluid,
  FluidSchema,
  HepBVaccination,
  HepBVaccinationSchema,
  ProtectiveEquipment,
  ProtectiveEquipmentSchema,
  Route,
  RouteSchema,
  SourceIdentity,
  SourceIdentitySchema,
  SourceVirusSchema,
  TetanusPriming,
  TetanusPrimingSchema,
} from '../../gen/waymark/bbv/v1/exposure_pb';
import type { Found } from '../../form/finder';
import type { Moment } from '../../form/controls';

export interface Answers {
  requestId: string;
  person?: Found;
  when?: Moment;
  // Enum values by question; lists for those that take several.
  chosen: Record<string, number | number[] | undefined>;
  antiHbs?: string;
  description?: string;
  wales: boolean;
}

export interface Asking {
  key: string;
  type: DescEnum;
  several?: boolean;
  none?: number;
  // Shown first, in this order; the rest on demand. Unset: all of them.
  first?: number[];
  required?: boolean;
  when?: (a: Answers) => boolean;
}

const one = (a: Answers, key: string) => a.chosen[key] as number | undefined;
const is = (a: Answers, key: string, ...values: number[]) => values.includes(one(a, key) ?? -1);

const kSharp = [Route.NEEDLESTICK, Route.OTHER_SHARP];
const kBite = [Route.BITE_SKIN_BROKEN, Route.BITE_SKIN_INTACT];
const kBroken = [...kSharp, Route.BITE_SKIN_BROKEN, Route.SCRATCH_SKIN_BROKEN];
const kWound = [...kBroken, Route.NON_INTACT_SKIN];
// Blood decides for these only when it can be seen.
const kLowRisk = [Fluid.URINE, Fluid.FAECES, Fluid.SALIVA, Fluid.SPUTUM, Fluid.TEARS, Fluid.SWEAT, Fluid.VOMIT];

export const kNow: Asking[] = [
  { key: 'route', type: RouteSchema, required: true },
  { key: 'fluid', type: FluidSchema, required: true, first: [Fluid.BLOOD, Fluid.SALIVA, Fluid.VOMIT, Fluid.URINE, Fluid.UNKNOWN] },
  { key: 'visible_blood', type: AnswerSchema, when: (a) => is(a, 'fluid', ...kLowRisk) },
  { key: 'device', type: DeviceSchema, when: (a) => is(a, 'route', ...kSharp) },
  { key: 'drew_blood', type: AnswerSchema, when: (a) => is(a, 'route', ...kSharp, ...kBite) },
  { key: 'discarded_in_community', type: AnswerSchema, when: (a) => is(a, 'route', Route.NEEDLESTICK) },
  { key: 'depth', type: DepthSchema, when: (a) => is(a, 'route', ...kBroken) },
  { key: 'infection_risk_person', type: AnswerSchema, when: (a) => is(a, 'route', ...kBite) },
  { key: 'first_aid', type: FirstAidSchema, several: true, none: FirstAid.NONE },
  { key: 'vaccination', type: HepBVaccinationSchema },
  { key: 'tetanus_priming', type: TetanusPrimingSchema, when: (a) => is(a, 'route', ...kWound) },
  {
    key: 'tetanus_prone',
    type: AnswerSchema,
    when: (a) => is(a, 'route', ...kWound) && is(a, 'tetanus_priming', TetanusPriming.INCOMPLETE, TetanusPriming.UNKNOWN),
  },
  { key: 'identity', type: SourceIdentitySchema },
  { key: 'hiv', type: SourceVirusSchema, when: (a) => is(a, 'identity', SourceIdentity.KNOWN) },
  { key: 'hepatitis_b', type: SourceVirusSchema, when: (a) => is(a, 'identity', SourceIdentity.KNOWN) },
  { key: 'hepatitis_c', type: SourceVirusSchema, when: (a) => is(a, 'identity', SourceIdentity.KNOWN) },
  { key: 'injects_drugs', type: AnswerSchema, when: (a) => is(a, 'identity', SourceIdentity.KNOWN, SourceIdentity.REFUSED) },
];

export const kMore: Asking[] = [
  { key: 'site', type: BodySiteSchema },
  { key: 'activity', type: ActivitySchema },
  { key: 'assault', type: AnswerSchema },
  { key: 'protective_equipment', type: ProtectiveEquipmentSchema, several: true, none: ProtectiveEquipment.NONE },
];

export const asksAntiHbs = (a: Answers) => is(a, 'vaccination', HepBVaccination.FULL, HepBVaccination.NON_RESPONDER);

const kSource = ['identity', 'hiv', 'hepatitis_b', 'hepatitis_c', 'injects_drugs'];
const asked = (a: Answers) => [...kNow, ...kMore].filter((question) => question.when?.(a) ?? true);

// The messages as far as the answers go. An answer to a question that is no longer asked is left out.
export function exposureOf(a: Answers, localTime: { civil: string; utcOffsetMinutes?: number } | undefined) {
  const chosen: Record<string, unknown> = {};
  const source: Record<string, unknown> = {};
  for (const { key } of asked(a)) {
    const value = a.chosen[key];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (key === 'vaccination') continue;
    (kSource.includes(key) ? source : chosen)[camel(key)] = value;
  }
  const vaccination = one(a, 'vaccination');
  const antiHbs = asksAntiHbs(a) && a.antiHbs !== undefined ? Number(a.antiHbs) : undefined;
  return {
    exposure: {
      ...chosen,
      ...(localTime && { incidentTime: localTime }),
      ...(vaccination !== undefined && {
        hepatitisBStatus: { vaccination, ...(antiHbs !== undefined && !Number.isNaN(antiHbs) && { antiHbsMiuPerMl: antiHbs }) },
      }),
      ...(a.description !== undefined && { description: a.description }),
    },
    source: Object.keys(source).length === 0 ? undefined : source,
  };
}

const camel = (key: string) => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());


export function missing(a: Answers): string[] {
  return [
    ...(a.person === undefined ? ['person'] : []),
    ...(a.when?.ms === undefined ? ['when'] : []),
    ...asked(a).filter((question) => question.required && a.chosen[question.key] === undefined).map((question) => question.key),
  ];
}

// "people[0].exposure.incident_time" -> "when".
export function questionOf(field: string): string {
  const last = field.replace(/\[\d+\]/g, '').split('.').at(-1) ?? '';
  if (last === 'incident_time') return 'when';
  if (last === 'subject_id') return 'person';
  if (last === 'anti_hbs_miu_per_ml') return 'anti_hbs';
  return last;
}

