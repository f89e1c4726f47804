import { Header, SkipLink } from 'nhsuk-react-components';
import { lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import * as gateway from '../api/gateway';
import { has, loadSession, type Person } from '../api/session';
import { anythingUnsaved, onUnsaved } from '../form/keeper';
import { Role } from '../gen/waymark/options/v1/rule_pb';
import { type Lang, useWords } from '../words/words';
import { EndingSoon } from './ending';
import { placesFor } from './places';

const Notices = lazy(() => import('./notices'));

interface Props {
  person?: Person;
  expired?: boolean;
  children: ReactNode;
}

export function Layout({ person, expired = false, children }: Props) {
  const { t } = useWords();
  return (
    <>
      <SkipLink href="#maincontent">{t('shell.skip')}</SkipLink>
      <Top person={person} />
      {expired ? <Expired /> : <EndingSoon />}
      <Offline />
      {person && has(person, Role.OH_NURSE, Role.OH_PHYSICIAN, Role.OH_LEAD, Role.CLINICAL_LEAD, Role.OPERATOR) && (
        <Suspense>
          <Notices person={person} />
        </Suspense>
      )}
      <div className="nhsuk-width-container">
        <main className="nhsuk-main-wrapper wm-main" id="maincontent" tabIndex={-1}>
          {children}
        </main>
      </div>
      <Bottom />
    </>
  );
}

function Top({ person }: { person?: Person | undefined }) {
  const { t, lang } = useWords();
  // The design system's header says "Browse More" in English alone, and folds its links when the window
  // changes, not when the language does.
  useEffect(() => {
    const toggle = document.querySelector('.nhsuk-header__menu-toggle');
    const [browse, more] = toggle?.childNodes ?? [];
    if (browse) browse.textContent = `${t('shell.browse')} `;
    if (more) more.textContent = t('shell.more');
    window.dispatchEvent(new Event('resize'));
  }, [t, lang, person]);
  const [location, navigate] = useLocation();
  const go = (path: string) => (event: React.MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(path);
  };
  const leave = async () => {
    window.location.assign(await gateway.signOut(false));
  };
  return (
    <Header logo={{ src: '/icon.svg', alt: '', href: '' }} service={{ text: 'Waymark', href: '/' }}>
      {person && (
        <Header.Account>
          <Header.AccountItem icon>
            {person.name}
            <span className="wm-tenant">{person.tenant}</span>
          </Header.AccountItem>
          <Header.AccountItem as="button" type="button" onClick={() => void leave()}>
            {t('shell.sign_out')}
          </Header.AccountItem>
        </Header.Account>
      )}
      {person && (
        <Header.Navigation>
          {placesFor(person).map((place) => (
            <Header.NavigationItem
              key={place.path}
              href={place.path}
              current={location === place.path}
              active={location.startsWith(`${place.path}/`)}
              onClick={go(place.path)}
            >
              {t(place.name)}
            </Header.NavigationItem>
          ))}
        </Header.Navigation>
      )}
    </Header>
  );
}

function Bottom() {
  const { t, lang, choose } = useWords();
  const other: Lang = lang === 'en' ? 'cy' : 'en';
  return (
    <footer className="wm-foot">
      <div className="nhsuk-width-container wm-footer">
        <p className="nhsuk-body-s">{t('shell.footer')}</p>
        <button type="button" className="wm-link" lang={other} onClick={() => choose(other)}>
          {other === 'cy' ? 'Cymraeg' : 'English'}
        </button>
      </div>
    </footer>
  );
}

// What is on the page stays. The sign-in opens beside it; coming back is noticed.
function Expired() {
  const { t } = useWords();
  const here = window.location.pathname + window.location.search;
  const unsaved = useSyncExternalStore(onUnsaved, anythingUnsaved);
  useEffect(() => {
    const look = () => void loadSession();
    look();
    window.addEventListener('focus', look);
    const timer = setInterval(look, 5000);
    return () => {
      window.removeEventListener('focus', look);
      clearInterval(timer);
    };
  }, []);
  return (
    <div className="wm-band wm-band--warning" role="alert">
      <div className="nhsuk-width-container">
        <h2 className="nhsuk-heading-s">{t('expired.title')}</h2>
        <p>{t('expired.body')}</p>
        <p>
          <a href={gateway.signInHref('/')} target="_blank" rel="noopener" className="nhsuk-button wm-button--small">
            {t('expired.new_window')}
          </a>{' '}
          {!unsaved && <a href={gateway.signInHref(here)}>{t('expired.this_window')}</a>}
        </p>
        {unsaved && <p>{t('expired.unsaved')}</p>}
      </div>
    </div>
  );
}

function Offline() {
  const { t } = useWords();
  const [offline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, []);
  return (
    <div role="status">
      {offline && (
        <div className="wm-band">
          <div className="nhsuk-width-container">
            <strong>{t('offline.title')}</strong> {t('offline.body')}
          </div>
        </div>
      )}
    </div>
  );
}
