import type { DescEnum, DescMessage, DescMethodUnary, DescService } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import * as bbvCase from '../gen/waymark/bbv/v1/bbv_case_pb';
import * as exposure from '../gen/waymark/bbv/v1/exposure_pb';
import * as caseFile from '../gen/waymark/casework/v1/case_pb';
import * as plan from '../gen/waymark/casework/v1/plan_pb';
import { EvidenceSchema } from '../gen/waymark/casework/v1/protocol_pb';
import { BbvService } from '../gen/waymark/bbv/v1/bbv_service_pb';
import { DentalService } from '../gen/waymark/dental/v1/dental_service_pb';
import { MentalHealthService } from '../gen/waymark/mental_health/v1/mental_health_service_pb';
import { MskService } from '../gen/waymark/msk/v1/msk_service_pb';
import * as directory from '../gen/waymark/referral/v1/directory_pb';
import * as referralCase from '../gen/waymark/referral/v1/referral_case_pb';
import { ReferralStateSchema } from '../gen/waymark/referral/v1/referral_case_pb';
import * as referralContent from '../gen/waymark/referral/v1/referral_content_pb';
import { ConsentBasisSchema } from '../gen/waymark/referral/v1/referral_content_pb';
import { RoleSchema } from '../gen/waymark/options/v1/rule_pb';
import * as feed from '../gen/waymark/workforce/v1/hr_feed_pb';
import * as fitness from '../gen/waymark/workforce/v1/fitness_pb';
import { IssueFitnessRequestSchema } from '../gen/waymark/workforce/v1/fitness_service_pb';
import { DisclosureKindSchema, RouteSchema } from '../gen/waymark/workforce/v1/person_pb';
import { isAsked } from '../form/derived';
import { actsOf, openingsOf } from '../pages/case/pathways';
import { cy } from './cy';
import { en, type Key } from './en';
import { fields } from './fields';
import { referralValues, referralWords } from './referral';
import { previewLabels, whyIn } from './preview';
import { enumKey, humanised, translator, wordFor } from './words';

// The protocols as the services load them.
const kProtocols = import.meta.glob<string>('../../../../*/protocols/*.v1.textproto', { query: '?raw', import: 'default', eager: true });

// Where the service names the fields of a preview.
const kPreview = import.meta.glob<string>('../../../../referral/build_content.cc', { query: '?raw', import: 'default', eager: true });

const keys = Object.keys(en) as Key[];
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the catalogues', () => {
  it('say everything in both languages, with the same placeholders', () => {
    expect(Object.keys(cy).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(cy[key], key).not.toBe('');
      expect(placeholders(cy[key]), key).toEqual(placeholders(en[key]));
    }
  });

  it('are translated, but for names that both languages share', () => {
    const same = keys.filter((key) => (en[key] as string) === cy[key]);
    expect(same.filter((key) => !/HIV|[Hh]epatitis|HBsAg|[Aa]nti-H|RIDDOR|Person$|^field\.person|Semen/.test(en[key]) && !/^(time|path|virus)\./.test(key))).toEqual([]);
  });

  it('hold no markup', () => {
    for (const key of keys) expect(en[key] + cy[key], key).not.toMatch(/[<>]/);
  });

  it('name every value of the enums that are shown', () => {
    const all: unknown[] = [bbvCase, exposure, caseFile, plan].flatMap((file) => Object.values(file));
    const enums = [...all, EvidenceSchema, RoleSchema].filter(
      (one): one is DescEnum => typeof one === 'object' && one !== null && 'kind' in one && one.kind === 'enum',
    );
    const shown = enums.filter((one) => !['SubjectKind', 'CareOwner'].includes(one.name));
    expect(shown.length).toBeGreaterThan(25);
    const missing = shown.flatMap((type) => type.values.filter((value) => value.number !== 0 && !inBoth(enumKey(type, value.number))).map((value) => enumKey(type, value.number)));
    expect(missing).toEqual([]);
  });

  it('fill in what belongs between braces', () => {
    expect(translator(en)('time.left', { span: '5 minutes' })).toBe('5 minutes left');
    expect(translator(cy)('time.left', { span: '5 munud' })).toBe('5 munud ar ôl');
    expect(humanised('CARE_KIND_X')).toBe('Care kind x');
  });
});

const kServices: DescService[] = [BbvService, MentalHealthService, MskService, DentalService];
const kNothing: ReadonlySet<string> = new Set();
const inBoth = (key: string) => wordFor('en', en, key) !== undefined && wordFor('cy', cy, key) !== undefined;

// Everything that the forms of a service ask for, and everything that its record shows.
function shownBy(service: DescService) {
  const labels = new Map<string, string[]>();
  const enums = new Map<string, DescEnum>();
  const seen = new Set<string>();
  const walk = (message: DescMessage, form: boolean) => {
    if (seen.has(`${message.typeName} ${form}`)) return;
    seen.add(`${message.typeName} ${form}`);
    for (const field of message.fields) {
      if (form && !isAsked(field, kNothing)) continue;
      if (!['subject_id', 'people'].includes(field.name)) labels.set(`${message.typeName}.${field.name}`, [`field.${message.name}.${field.name}`, `field.${field.name}`]);
      if (form && field.oneof) labels.set(`${message.typeName}.${field.oneof.name}`, [`field.${message.name}.${field.oneof.name}`, `field.${field.oneof.name}`]);
      if (field.enum) enums.set(field.enum.typeName, field.enum);
      if (field.message?.typeName.startsWith('waymark.') && !/casework\.v1\.(LocalTime|CivilDate|CaseHeader|Plan)$/.test(field.message.typeName)) walk(field.message, form);
    }
  };
  const methods: DescMethodUnary[] = [...actsOf(service), ...openingsOf(service)];
  for (const method of methods) walk(method.input, true);
  walk(IssueFitnessRequestSchema, true);
  walk(service.methods.find((method) => method.name === 'GetCase')!.output, false);
  return { labels, enums, acts: methods.map((method) => method.name) };
}

describe('the words of the pathways', () => {
  it('name every field that a form asks for or a record shows, in both languages', () => {
    for (const service of kServices) {
      const { labels } = shownBy(service);
      expect(labels.size).toBeGreaterThan(60);
      expect([...labels].filter(([, keys]) => !keys.some(inBoth)).map(([name]) => name)).toEqual([]);
    }
  });

  it('name every value that a form offers or a record shows, in both languages', () => {
    const all: unknown[] = [...Object.values(fitness), ...Object.values(feed), DisclosureKindSchema, RouteSchema, ReferralStateSchema, ConsentBasisSchema];
    const others = all.filter(
      (one): one is DescEnum => typeof one === 'object' && one !== null && 'kind' in one && one.kind === 'enum',
    );
    const enums = [...kServices.flatMap((service) => [...shownBy(service).enums.values()]), ...others];
    expect(enums.length).toBeGreaterThan(80);
    const missing = enums.flatMap((type) =>
      type.values.filter((value) => value.number !== 0 && !inBoth(enumKey(type, value.number))).map((value) => enumKey(type, value.number)),
    );
    expect([...new Set(missing)]).toEqual([]);
  });

  it('name every act, in both languages', () => {
    expect(kServices.flatMap((service) => shownBy(service).acts).filter((act) => !inBoth(`act.${act}`))).toEqual([]);
  });

  it('name every measure of the protocols, in both languages', () => {
    expect(Object.keys(kProtocols).length).toBeGreaterThanOrEqual(4);
    const missing = Object.values(kProtocols).flatMap((text) =>
      [...text.matchAll(/measure: "(\w+)"/g)].map(([, code]) => `measure.${code}`).filter((key) => !inBoth(key)),
    );
    expect(missing).toEqual([]);
  });

  it('are translated, but for names that both languages share', () => {
    const same = Object.entries(fields).filter(([, [english, welsh]]) => english === welsh);
    expect(same.map(([key]) => key).filter((key) => !/EMDR|TRIM|trim|msk_hq|start_back|\.CT$|\.MRI$|HBSAG|ANTI_HB|anti_hbs|SEMEN|hiv|HIV|hepatitis|riddor|field\.person/.test(key))).toEqual([]);
    for (const [key, pair] of Object.entries(fields)) for (const text of pair) expect(text, key).not.toMatch(/^$|[<>{}]/);
  });
});

describe('the words of referrals', () => {
  it('say everything in both languages, with the same placeholders', () => {
    for (const [key, [english, welsh]] of Object.entries(referralWords)) {
      expect(placeholders(welsh), key).toEqual(placeholders(english));
      for (const text of [english, welsh]) expect(text, key).not.toMatch(/^$|[<>]/);
    }
    const same = Object.entries({ ...referralWords, ...referralValues }).filter(([, [english, welsh]]) => (english as string) === welsh);
    expect(same).toEqual([]);
  });

  it('say in Welsh what the service calls the fields of a preview, and why each leaves or does not', () => {
    const [source] = Object.values(kPreview);
    const paths = [...source!.matchAll(/\bField\(\s*"([\w.]+)",/g)].map(([, path]) => path!);
    expect(paths.length).toBeGreaterThanOrEqual(15);
    expect(paths.filter((path) => !previewLabels[path])).toEqual([]);
    // Literals beside each other are one.
    const literals = [...source!.matchAll(/"(?:[^"\\\n]|\\.)*"(?:\s+"(?:[^"\\\n]|\\.)*")*/g)].map(([text]) => text.replace(/"\s+"/g, '').slice(1, -1));
    const fields = source!.slice(source!.indexOf('FieldsOf('));
    const whys = literals.filter((text) => /^[A-Z].*\.$/.test(text) && (fields.includes(text.slice(0, 40)) || /^(So that|Withheld|Left out)/.test(text)));
    expect(whys.length).toBeGreaterThanOrEqual(15);
    expect(whys.filter((text) => whyIn('cy', text) === undefined)).toEqual([]);
  });

  it('name every value that a page shows', () => {
    const all: unknown[] = [referralContent, referralCase, directory].flatMap((file) => Object.values(file));
    const enums = all.filter((one): one is DescEnum => typeof one === 'object' && one !== null && 'kind' in one && one.kind === 'enum');
    const unseen = ['Side', 'CareHolder', 'ContactKind', 'ItemKind', 'ProviderKind', 'Capacity', 'SlotState'];
    const shown = enums.filter((one) => !unseen.includes(one.name));
    expect(shown.length).toBeGreaterThanOrEqual(14);
    const missing = shown.flatMap((type) => type.values.filter((value) => value.number !== 0 && !inBoth(enumKey(type, value.number))).map((value) => enumKey(type, value.number)));
    expect(missing).toEqual([]);
  });
});
