import type { DescService } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { shapes } from '../../form/shapes';
import { shortName } from '../../form/derived';
import { BbvService } from '../../gen/waymark/bbv/v1/bbv_service_pb';
import { DentalService } from '../../gen/waymark/dental/v1/dental_service_pb';
import { MentalHealthService } from '../../gen/waymark/mental_health/v1/mental_health_service_pb';
import { MskService } from '../../gen/waymark/msk/v1/msk_service_pb';
import { IssueFitnessRequestSchema } from '../../gen/waymark/workforce/v1/fitness_service_pb';
import { actFor, beginFor, itemOf } from './acts';
import { put } from './begin';
import { actsOf, openingsOf, type Pathway } from './pathways';

const kServices: Record<Pathway, DescService> = { bbv: BbvService, mental_health: MentalHealthService, msk: MskService, dental: DentalService };

// The protocols as the services load them.
const kProtocols = import.meta.glob<string>('../../../../../*/protocols/*.v1.textproto', { query: '?raw', import: 'default', eager: true });
const stepsOf = (pathway: Pathway) => {
  const text = Object.entries(kProtocols).find(([path]) => path.includes(`/${pathway}/`))?.[1] ?? '';
  return [...text.matchAll(/^steps \{\s+key: "(\w+)"/gm)].map(([, key]) => key!);
};

describe('the act of a step', () => {
  for (const pathway of Object.keys(kServices) as Pathway[]) {
    it(`is known for every step of ${pathway}, and is one of its service's`, () => {
      const steps = stepsOf(pathway);
      expect(steps.length).toBeGreaterThan(30);
      const methods = new Set(actsOf(kServices[pathway]).map((method) => method.name));
      expect(steps.filter((step) => !methods.has(actFor(pathway, step) ?? ''))).toEqual([]);
    });

    it(`begins with values that ${pathway} has`, () => {
      for (const step of stepsOf(pathway)) {
        const method = actsOf(kServices[pathway]).find((one) => one.name === actFor(pathway, step))!;
        let value = {};
        for (const [path, name] of Object.entries(beginFor(pathway, step))) {
          const next = put(method.input, value, path.split('.'), name);
          expect(JSON.stringify(next), `${step} ${path} ${name}`).not.toBe(JSON.stringify(value));
          expect(JSON.stringify(next), `${step} ${path} ${name}`).toMatch(/:(\d+|true|\{"case")/);
          value = next;
        }
      }
    });
  }

  it('is the same for each of several things', () => {
    expect(actFor('dental', 'replant#21')).toBe('RecordToothCare');
    expect(itemOf('replant#21')).toBe('21');
    expect(actFor('mental_health', 'trim_one_month#2')).toBe('RecordTrim');
    expect(beginFor('mental_health', 'trim_one_month#2')).toEqual({ act: 'assessment', 'assessment.point': 'ONE_MONTH' });
  });
});

describe('the shapes of the forms', () => {
  it('name messages, fields and values that the services have', () => {
    const messages = new Map(
      Object.values(kServices).flatMap((service) => {
        const found = new Map<string, (typeof service.methods)[number]['input']>();
        const walk = (message: (typeof service.methods)[number]['input']) => {
          if (found.has(shortName(message))) return;
          found.set(shortName(message), message);
          for (const field of message.fields) if (field.message) walk(field.message);
        };
        for (const method of [...actsOf(service), ...openingsOf(service)]) walk(method.input);
        walk(IssueFitnessRequestSchema);
        return [...found];
      }),
    );
    for (const [name, shape] of Object.entries(shapes)) {
      const message = messages.get(name);
      expect(message, name).toBeDefined();
      const known = new Set([...message!.fields.map((field) => field.name), ...message!.oneofs.map((one) => one.name), ...(shape.together ?? []).map((one) => one.name)]);
      const named = [
        ...(shape.ask ?? []), ...(shape.more ?? []), ...(shape.fold ?? []), ...(shape.need ?? []), ...Object.keys(shape.when ?? {}),
        ...Object.values(shape.when ?? {}).map(([other]) => other), ...(shape.together ?? []).flatMap((one) => one.fields), ...Object.keys(shape.only ?? {}), ...(shape.none ?? []),
      ];
      expect(named.filter((one) => !known.has(one)), name).toEqual([]);
      for (const [other, ...values] of [...Object.values(shape.when ?? {}), ...Object.entries(shape.only ?? {}).map(([field, list]) => [field, ...list] as const)]) {
        const type = message!.fields.find((field) => field.name === other)?.enum;
        if (type && values[0] !== '*') expect(values.filter((value) => !type.values.some((one) => one.localName === value)), `${name}.${other}`).toEqual([]);
      }
    }
  });
});
