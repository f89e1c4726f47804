// What somebody is typing, kept by the gateway (encrypted, for them alone) until it is sent. Nothing
// of it is ever kept in the browser.
import { useCallback, useEffect, useRef, useState } from 'react';
import * as gateway from '../api/gateway';
import { useSession } from '../api/session';

interface Kept<T> {
  answers: T;
  // Where the focus was.
  at: string;
}

export function useDraft<T>(name: string, answers: T, restore: (answers: T) => void) {
  const [state, setState] = useState<'reading' | 'ready' | 'restored'>('reading');
  const session = useSession().state;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(answers);
  const touched = useRef(false);
  const done = useRef(false);
  const put = useRef(restore);
  put.current = restore;

  useEffect(() => {
    let gone = false;
    void gateway.readDraft(name).then((text) => {
      if (gone) return;
      const kept = text === undefined ? undefined : parse<T>(text);
      if (kept === undefined) return setState('ready');
      put.current(kept.answers);
      setState('restored');
      requestAnimationFrame(() => {
        const at = document.querySelector(`[data-question="${CSS.escape(kept.at)}"]`);
        const control = at?.querySelector<HTMLElement>('input:checked, input, textarea, select');
        control?.focus();
        control?.scrollIntoView({ block: 'center' });
      });
    });
    return () => {
      gone = true;
    };
  }, [name]);

  const at = useRef('');
  useEffect(() => {
    const look = (event: FocusEvent) => {
      const question = event.target instanceof Element ? event.target.closest('[data-question]') : null;
      if (question) at.current = question.getAttribute('data-question') ?? '';
    };
    document.addEventListener('focusin', look);
    return () => document.removeEventListener('focusin', look);
  }, []);

  const save = useCallback(() => {
    clearTimeout(timer.current);
    if (!touched.current || done.current) return;
    void gateway.writeDraft(name, JSON.stringify({ answers: latest.current, at: at.current } satisfies Kept<T>));
  }, [name]);

  useEffect(() => {
    if (latest.current === answers) return;
    latest.current = answers;
    if (state === 'reading') return;
    touched.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(save, 700);
  }, [answers, save, state]);

  // Signing in again saves at once what could not be saved meanwhile; leaving the page, what was
  // typed last.
  useEffect(() => {
    if (session === 'signed_in') save();
  }, [session, save]);
  useEffect(() => save, [save]);

  const discard = useCallback(() => {
    done.current = true;
    clearTimeout(timer.current);
    void gateway.deleteDraft(name);
  }, [name]);
  return { ready: state !== 'reading', restored: state === 'restored', discard };
}

function parse<T>(text: string): Kept<T> | undefined {
  try {
    const kept = JSON.parse(text) as Kept<T>;
    return typeof kept === 'object' && kept !== null && 'answers' in kept ? kept : undefined;
  } catch {
    return undefined;
  }
}
