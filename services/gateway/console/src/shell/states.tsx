// The pages for when there is nothing to show: each says what happened and what to do.
import { Component, type ReactNode, useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Trouble } from '../api/errors';
import * as gateway from '../api/gateway';
import { loadSession } from '../api/session';
import { useWords } from '../words/words';
import { Page } from './page';

export function Loading() {
  const { t } = useWords();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="wm-loading" role="status">
      {slow && <p>{t('state.loading')}</p>}
    </div>
  );
}

export function SignIn() {
  const { t } = useWords();
  const here = window.location.pathname + window.location.search;
  return (
    <Page title={t('signin.title')}>
      <p className="nhsuk-lede-text">{t('signin.lede')}</p>
      <p>{t('signin.how')}</p>
      <a className="nhsuk-button" href={gateway.signInHref(here)}>{t('signin.button')}</a>
      <p className="nhsuk-body-s">{t('signin.recorded')}</p>
    </Page>
  );
}

export function Unreachable() {
  const { t } = useWords();
  return (
    <Page title={t('unreachable.title')}>
      <p>{t('unreachable.body')}</p>
      <button type="button" className="nhsuk-button" onClick={() => void loadSession()}>{t('state.try_again')}</button>
      <p>{t('unreachable.urgent')}</p>
    </Page>
  );
}

export function Forbidden() {
  const { t } = useWords();
  return (
    <Page title={t('forbidden.title')}>
      <p>{t('forbidden.body')}</p>
      <p>{t('forbidden.recorded')}</p>
      <p><Link href="/">{t('state.home')}</Link></p>
    </Page>
  );
}

export function NotFound() {
  const { t } = useWords();
  return (
    <Page title={t('notfound.title')}>
      <p>{t('notfound.body')}</p>
      <p><Link href="/">{t('state.home')}</Link></p>
    </Page>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="wm-empty">
      <h2 className="nhsuk-heading-m">{title}</h2>
      {children}
    </div>
  );
}

// A call failed. Its page is the one of its kind; what could be typed is elsewhere and stays.
export function Failed({ trouble, again }: { trouble: Trouble; again?: () => void }) {
  const { t } = useWords();
  if (trouble.kind === 'forbidden') return <Forbidden />;
  if (trouble.kind === 'missing') return <NotFound />;
  if (trouble.kind === 'expired') return <Loading />;
  return (
    <Page title={t(trouble.kind === 'offline' ? 'unreachable.title' : 'failed.title')}>
      <p>{trouble.kind === 'offline' ? t('unreachable.body') : trouble.message || t('failed.body')}</p>
      {again && <button type="button" className="nhsuk-button" onClick={again}>{t('state.try_again')}</button>}
      {trouble.kind === 'offline' && <p>{t('unreachable.urgent')}</p>}
    </Page>
  );
}

// A fault of the console itself: the rest of the page goes on, and another place can be gone to.
export function Oops({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  return <Boundary key={location}>{children}</Boundary>;
}

class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useWords();
  return (
    <Page title={t('failed.title')}>
      <p>{t('failed.body')}</p>
      <button type="button" className="nhsuk-button" onClick={() => window.location.reload()}>{t('failed.reload')}</button>
    </Page>
  );
}
