// Which pages there are, and for whom. The services decide who may read what; this only spares
// people links that would be refused.
import { type Person, has } from '../api/session';
import { Role } from '../gen/waymark/options/v1/rule_pb';
import type { Key } from '../words/en';

const kClinical = [Role.OH_NURSE, Role.OH_PHYSICIAN, Role.OH_LEAD, Role.CLINICAL_LEAD];

const kPlaces = {
  worklist: { path: '/worklist', name: 'nav.worklist', roles: kClinical },
  log: { path: '/log', name: 'nav.log', roles: [Role.OH_NURSE, Role.OH_PHYSICIAN, Role.SUPERVISOR_REPORTER] },
  cases: { path: '/cases', name: 'nav.cases', roles: kClinical },
  referrals: { path: '/referrals', name: 'nav.referrals', roles: [Role.OH_NURSE, Role.OH_PHYSICIAN, Role.NHS_CLINICIAN] },
  my_care: { path: '/my-care', name: 'nav.my_care', roles: [Role.OFFICER] },
  my_staff: { path: '/my-staff', name: 'nav.my_staff', roles: [Role.LINE_MANAGER] },
  audit: { path: '/audit', name: 'nav.audit', roles: [Role.AUDITOR] },
  feed: { path: '/feed', name: 'nav.feed', roles: [Role.HR_INTEGRATION, Role.OH_LEAD, Role.OPERATOR] },
  rota: { path: '/rota', name: 'nav.rota', roles: [Role.OH_LEAD, Role.CLINICAL_LEAD, Role.OPERATOR] },
  compliance: { path: '/compliance', name: 'nav.compliance', roles: [Role.OH_LEAD, Role.CLINICAL_LEAD] },
  protocols: { path: '/protocols', name: 'nav.protocols', roles: [...kClinical, Role.AUDITOR] },
  health: { path: '/health', name: 'nav.health', roles: [Role.OPERATOR, Role.OH_LEAD] },
} as const satisfies Record<string, { path: string; name: Key; roles: readonly Role[] }>;

type PlaceName = keyof typeof kPlaces;

export function may(person: Person, place: PlaceName): boolean {
  return has(person, ...kPlaces[place].roles);
}

export function placesFor(person: Person) {
  return (Object.keys(kPlaces) as PlaceName[]).filter((name) => may(person, name)).map((name) => kPlaces[name]);
}
