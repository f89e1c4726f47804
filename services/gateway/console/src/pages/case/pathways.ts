// The pathways, each loaded only by those who open one of its cases.
import { type DescMessage, type DescMethodUnary, type DescService, getOption, type Message } from '@bufbuild/protobuf';
import type { CallOptions } from '@connectrpc/connect';
import { has, type Person } from '../../api/session';
import { client } from '../../api/transport';
import { type CaseEvent, type CaseHeader, CaseState, SubjectKind } from '../../gen/waymark/casework/v1/case_pb';
import type { Move } from '../../gen/waymark/casework/v1/plan_pb';
import type { Protocol } from '../../gen/waymark/casework/v1/protocol_pb';
import { Role, rule } from '../../gen/waymark/options/v1/rule_pb';
import type { Translate } from '../../words/words';

export const kLoggable = ['bbv', 'mental_health', 'msk', 'dental'] as const;
export type Pathway = (typeof kLoggable)[number];

export function isPathway(name: string): name is Pathway {
  return (kLoggable as readonly string[]).includes(name);
}

export function pathwayName(t: Translate, pathway: string): string {
  return isPathway(pathway) ? t(`pathway.${pathway}`) : t(pathway === 'referral' ? 'pathway.referral' : 'pathway.task');
}

export type AnyCase = Message & { header?: CaseHeader };

// What every pathway's service can do, as its proto says it.
export interface CaseClient {
  getCase(request: { caseId: string }, options?: CallOptions): Promise<{ case?: AnyCase }>;
  listCases(
    request: { pageSize: number; pageToken: string; state?: number; subjectId?: string },
    options?: CallOptions,
  ): Promise<{ cases: AnyCase[]; nextPageToken: string }>;
  listCaseEvents(
    request: { caseId: string; pageSize: number; pageToken: string },
    options?: CallOptions,
  ): Promise<{ events: CaseEvent[]; nextPageToken: string }>;
  listProtocols(request: object, options?: CallOptions): Promise<{ protocols: Protocol[] }>;
}

type ActAnswer = Message & { case?: AnyCase; moves?: Move[] };

export interface Served {
  service: DescService;
  cases: CaseClient;
  // Sends one act by the name of its method.
  act(method: DescMethodUnary, request: object, options?: CallOptions): Promise<ActAnswer>;
}

const kServices: Record<Pathway, () => Promise<DescService>> = {
  bbv: () => import('../../gen/waymark/bbv/v1/bbv_service_pb').then((file) => file.BbvService),
  mental_health: () =>
    import('../../gen/waymark/mental_health/v1/mental_health_service_pb').then((file) => file.MentalHealthService),
  msk: () => import('../../gen/waymark/msk/v1/msk_service_pb').then((file) => file.MskService),
  dental: () => import('../../gen/waymark/dental/v1/dental_service_pb').then((file) => file.DentalService),
};

export async function served(pathway: Pathway): Promise<Served> {
  const service = await kServices[pathway]();
  const any = client(service) as unknown as Record<string, (request: object, options?: CallOptions) => Promise<ActAnswer>>;
  return {
    service,
    cases: any as unknown as CaseClient,
    act: (method, request, options) => any[method.localName]!(request, options),
  };
}

// The message of a case of this service.
export function caseTypeOf(service: DescService): DescMessage | undefined {
  return service.methods.find((method) => method.name === 'GetCase')?.output.fields.find((field) => field.name === 'case')?.message;
}

// Acts on a case that is there already, in the order of the proto.
export function actsOf(service: DescService): DescMethodUnary[] {
  return service.methods.filter(
    (method): method is DescMethodUnary =>
      method.methodKind === 'unary' && hasFields(method.input, 'request_id', 'case_id', 'expected_version'),
  );
}

function hasFields(message: DescMessage, ...names: string[]): boolean {
  return names.every((name) => message.fields.some((field) => field.name === name));
}

// Whether one of the person's roles is among those that the API names for the method. The service looks
// closer: at the force, and at whose case it is.
export function mayCall(person: Person, method: DescMethodUnary): boolean {
  return getOption(method, rule).grants.some((grant) => grant.roles.some((role) => person.roles.includes(role)));
}

// Whether care for a case may be asked of a provider, by this person.
export function mayRefer(person: Person, header: CaseHeader | undefined): boolean {
  return (
    has(person, Role.OH_NURSE, Role.OH_PHYSICIAN) && header?.state === CaseState.OPEN && header.subjectKind !== SubjectKind.THIRD_PARTY
  );
}

// Calls that open a case.
export function openingsOf(service: DescService): DescMethodUnary[] {
  return service.methods.filter(
    (method): method is DescMethodUnary =>
      method.methodKind === 'unary' &&
      hasFields(method.input, 'request_id') &&
      !hasFields(method.input, 'case_id') &&
      !hasFields(method.input, 'tenant'),
  );
}
