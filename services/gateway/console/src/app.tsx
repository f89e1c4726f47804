import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { type Person, useSession } from './api/session';
import { Layout } from './shell/layout';
import { may, placesFor } from './shell/places';
import { Forbidden, Loading, NotFound, Oops, SignIn, Unreachable } from './shell/states';
import { WordsProvider } from './words/provider';

const WorklistPage = lazy(() => import('./pages/worklist/worklist_page'));
const CoverPage = lazy(() => import('./pages/worklist/cover_page'));
const LogPage = lazy(() => import('./pages/log/log_page'));
const CasesPage = lazy(() => import('./pages/case/cases_page'));
const CasePage = lazy(() => import('./pages/case/case_page'));
const FitnessPage = lazy(() => import('./pages/case/fitness_page'));
const ActPage = lazy(() => import('./pages/case/act_page'));
const InboxPage = lazy(() => import('./pages/referral/inbox_page'));
const ReferralPage = lazy(() => import('./pages/referral/referral_page'));
const ReferPage = lazy(() => import('./pages/referral/refer_page'));
const ReferralActPage = lazy(() => import('./pages/referral/act_page'));
const AuditPage = lazy(() => import('./pages/audit/audit_page'));
const ProofPage = lazy(() => import('./pages/audit/proof_page'));
const OfficerPage = lazy(() => import('./pages/officer/officer_page'));
const HelpPage = lazy(() => import('./pages/officer/help_page'));
const ContactPage = lazy(() => import('./pages/officer/contact_page'));
const StaffPage = lazy(() => import('./pages/manager/staff_page'));
const RotaPage = lazy(() => import('./pages/rota/rota_page'));
const CompliancePage = lazy(() => import('./pages/compliance/compliance_page'));
const ProtocolsPage = lazy(() => import('./pages/protocols/protocols_page'));
const FeedPage = lazy(() => import('./pages/feed/feed_page'));
const HealthPage = lazy(() => import('./pages/health/health_page'));

export function App() {
  return (
    <WordsProvider>
      <Inside />
    </WordsProvider>
  );
}

function Inside() {
  const session = useSession();
  switch (session.state) {
    case 'loading':
      return <Layout><Loading /></Layout>;
    case 'unreachable':
      return <Layout><Unreachable /></Layout>;
    case 'signed_out':
      return <Layout><SignIn /></Layout>;
    default:
      return (
        <Layout person={session.person} expired={session.state === 'expired'}>
          <Oops>
            <Suspense fallback={<Loading />}>
              <Pages person={session.person} />
            </Suspense>
          </Oops>
        </Layout>
      );
  }
}

function Pages({ person }: { person: Person }) {
  const places = placesFor(person);
  const home = places[0];
  const only = (place: Parameters<typeof may>[1], page: React.ReactNode) =>
    may(person, place) ? page : <Forbidden />;
  return (
    <Switch>
      <Route path="/">{home === undefined ? <Forbidden /> : <Redirect to={home.path} replace />}</Route>
      <Route path="/worklist">{only('worklist', <WorklistPage />)}</Route>
      <Route path="/worklist/cover">{only('worklist', <CoverPage />)}</Route>
      <Route path="/log/:pathway?">{(params) => only('log', <LogPage pathway={params.pathway} />)}</Route>
      <Route path="/cases">{only('cases', <CasesPage />)}</Route>
      <Route path="/cases/:pathway/:id">
        {({ pathway, id }) => only('cases', <CasePage key={id} pathway={pathway} id={id} />)}
      </Route>
      <Route path="/cases/:pathway/:id/issue-fitness">
        {({ pathway, id }) => only('cases', <FitnessPage key={id} pathway={pathway} id={id} />)}
      </Route>
      <Route path="/cases/:pathway/:id/refer">
        {({ pathway, id }) => only('referrals', <ReferPage key={id} pathway={pathway} id={id} />)}
      </Route>
      <Route path="/cases/:pathway/:id/:act">
        {({ pathway, id, act }) => only('cases', <ActPage key={`${id}/${act}`} pathway={pathway} id={id} act={act} />)}
      </Route>
      <Route path="/referrals">{only('referrals', <InboxPage />)}</Route>
      <Route path="/referrals/:id">{({ id }) => only('referrals', <ReferralPage key={id} id={id} />)}</Route>
      <Route path="/referrals/:id/:act">
        {({ id, act }) => only('referrals', <ReferralActPage key={`${id}/${act}`} id={id} act={act} />)}
      </Route>
      <Route path="/audit">{only('audit', <AuditPage />)}</Route>
      <Route path="/audit/proof/:sequence">
        {({ sequence }) => only('audit', <ProofPage sequence={sequence} />)}
      </Route>
      <Route path="/my-care">{only('my_care', <OfficerPage />)}</Route>
      <Route path="/my-care/help">{only('my_care', <HelpPage />)}</Route>
      <Route path="/my-care/contact">{only('my_care', <ContactPage />)}</Route>
      <Route path="/my-staff">{only('my_staff', <StaffPage />)}</Route>
      <Route path="/rota">{only('rota', <RotaPage />)}</Route>
      <Route path="/compliance">{only('compliance', <CompliancePage />)}</Route>
      <Route path="/protocols">{only('protocols', <ProtocolsPage />)}</Route>
      <Route path="/feed">{only('feed', <FeedPage />)}</Route>
      <Route path="/health">{only('health', <HealthPage />)}</Route>
      <Route><NotFound /></Route>
    </Switch>
  );
}
