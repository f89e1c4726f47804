import { create } from '@bufbuild/protobuf';
import { Evidence, ProtocolSchema, RungBase, RungKind } from '../gen/waymark/casework/v1/protocol_pb';
import { Role } from '../gen/waymark/options/v1/rule_pb';

const hours = (n: number) => ({ kind: { case: 'elapsed' as const, value: { hours: BigInt(n) } } });
const anchor = { kind: { case: 'point' as const, value: 'incident' } };
const sources = [{ guideline: 'PHE 2019, management of potential exposure to BBVs in emergency workers', section: 'assessment', evidence: Evidence.SOURCE_READ }];

// Three steps of the real protocol, enough to draw.
export const protocol = create(ProtocolSchema, {
  key: 'bbv',
  version: 1,
  title: 'Exposure to blood-borne viruses',
  stages: [{ key: 'risk_assessment', title: 'Risk assessment' }, { key: 'prophylaxis', title: 'Prophylaxis' }, { key: 'testing', title: 'Testing and retesting' }],
  steps: [
    { key: 'risk_assessment', title: 'Assess the risk of blood-borne viruses', stage: 'risk_assessment', anchor, due: hours(1), clinical: true, responsible: Role.OH_NURSE, ladder: 'first_hour', blocksClosing: true, sources, guidance: 'By somebody trained and competent.' },
    { key: 'pep_start', title: 'Decide on HIV PEP; start it if indicated', stage: 'prophylaxis', anchor, due: hours(24), closes: hours(72), clinical: true, responsible: Role.OH_NURSE, ladder: 'first_hour', blocksClosing: true, sources, when: { kind: { case: 'equals', value: { fact: 'significance', value: 'significant' } } }, guidance: 'As soon as possible, ideally within an hour of presenting.' },
    { key: 'test_6_weeks', title: 'Tests at 4 to 6 weeks', stage: 'testing', anchor, opens: { kind: { case: 'civil', value: { weeks: 4 } } }, due: { kind: { case: 'civil', value: { weeks: 6 } } }, clinical: true, responsible: Role.OH_NURSE, ladder: 'first_hour', sources, guidance: 'A negative HIV test is not conclusive before day 45.' },
  ],
  ladders: [{ key: 'first_hour', rungs: [{ kind: RungKind.REMINDER, base: RungBase.DUE, offsetMinutes: -30n, audience: Role.OH_NURSE, page: true }, { kind: RungKind.ESCALATION, base: RungBase.DUE, offsetMinutes: 30n, audience: Role.OH_LEAD, page: true }] }],
});
