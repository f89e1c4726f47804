import type { DescEnum } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import * as bbvCase from '../gen/waymark/bbv/v1/bbv_case_pb';
import * as exposure from '../gen/waymark/bbv/v1/exposure_pb';
import * as caseFile from '../gen/waymark/casework/v1/case_pb';
import * as plan from '../gen/waymark/casework/v1/plan_pb';
import { EvidenceSchema } from '../gen/waymark/casework/v1/protocol_pb';
import { RoleSchema } from '../gen/waymark/options/v1/rule_pb';
import { cy } from './cy';
import { en, type Key } from './en';
import { enumKey, humanised, translator } from './words';

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
    const missing = shown.flatMap((type) => type.values.filter((value) => value.number !== 0 && !(enumKey(type, value.number) in en)).map((value) => enumKey(type, value.number)));
    expect(missing).toEqual([]);
  });

  it('fill in what belongs between braces', () => {
    expect(translator(en)('time.left', { span: '5 minutes' })).toBe('5 minutes left');
    expect(translator(cy)('time.left', { span: '5 munud' })).toBe('5 munud ar ôl');
    expect(humanised('CARE_KIND_X')).toBe('Care kind x');
  });
});
