// What somebody is typing, kept by the gateway until it is sent (api/drafts, keeper): an expired
// session, a closed window or another device goes on in the same field.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { readDraft } from '../api/drafts';
import { useEnding, useSession } from '../api/session';
import { keptOf, textOf } from './draft_text';
import { anythingUnsaved, keeperOf, saveAll } from './keeper';

// Going away: what was typed in the last moment is sent along, and where it cannot be, people are asked.
document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && saveAll());
window.addEventListener('online', saveAll);
window.addEventListener('beforeunload', (event) => {
  saveAll();
  if (anythingUnsaved() && !navigator.onLine) event.preventDefault();
});

export function useDraft<T>(name: string, answers: T, restore: (answers: T) => void) {
  const [state, setState] = useState<'reading' | 'ready' | 'restored'>('reading');
  const session = useSession().state;
  const ending = useEnding() !== undefined;
  const keeper = useMemo(() => keeperOf(name), [name]);
  const latest = useRef(answers);
  const reading = useRef(true);
  // What the form itself puts in, a draft or the blank after sending, is nothing that somebody typed.
  const ours = useRef(false);
  const put = useRef(restore);
  put.current = restore;

  useEffect(() => {
    let gone = false;
    reading.current = true;
    const begin = (text: string | undefined) => {
      // Whoever has begun to type meanwhile is not interrupted.
      if (gone || !reading.current) return;
      reading.current = false;
      const kept = text === undefined ? undefined : keptOf<T>(text);
      if (kept === undefined) return setState('ready');
      ours.current = true;
      put.current(kept.answers);
      setState('restored');
      requestAnimationFrame(() => {
        const at = document.querySelector(`[data-question="${CSS.escape(kept.at)}"]`);
        const control = at?.querySelector<HTMLElement>('input:checked, input, textarea, select');
        control?.focus();
        control?.scrollIntoView({ block: 'center' });
      });
    };
    if (keeper.unsaved !== undefined) begin(keeper.unsaved);
    else readDraft(name).then(begin, () => begin(undefined));
    return () => {
      gone = true;
    };
  }, [name, keeper]);

  const at = useRef('');
  useEffect(() => {
    const look = (event: FocusEvent) => {
      const question = event.target instanceof Element ? event.target.closest('[data-question]') : null;
      if (question) at.current = question.getAttribute('data-question') ?? '';
    };
    document.addEventListener('focusin', look);
    return () => document.removeEventListener('focusin', look);
  }, []);

  useEffect(() => {
    if (latest.current === answers) return;
    latest.current = answers;
    if (ours.current) {
      ours.current = false;
      return;
    }
    if (reading.current) {
      reading.current = false;
      setState('ready');
    }
    keeper.later(textOf({ answers, at: at.current }));
  }, [answers, keeper]);

  // At once when the session is about to end and when it has begun again; and on leaving the page.
  useEffect(() => {
    if (session === 'signed_in' || ending) void keeper.now();
  }, [session, ending, keeper]);
  useEffect(() => () => void keeper.now(), [keeper]);

  const discard = useCallback(() => {
    ours.current = true;
    void keeper.discard();
  }, [keeper]);
  return { ready: state !== 'reading', restored: state === 'restored', discard };
}
