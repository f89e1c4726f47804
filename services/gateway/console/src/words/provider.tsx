import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { type Catalogue, en } from './en';
import { labeller, type Lang, translator, wordFor, WordsContext } from './words';

// A cookie of one word, so that the next visit opens in the same language.
const kCookie = 'waymark_language';

function remembered(): Lang {
  return document.cookie.split('; ').includes(`${kCookie}=cy`) ? 'cy' : 'en';
}

// The catalogues of the language that was chosen; Welsh is fetched only by those who want it.
export function WordsProvider({ children }: { children: ReactNode }) {
  const [lang, setLang] = useState<Lang>('en');
  const [words, setWords] = useState<Catalogue>(en);

  const choose = useCallback((next: Lang) => {
    document.cookie = `${kCookie}=${next}; path=/; max-age=31536000; samesite=strict; secure`;
    const use = (catalogue: Catalogue) => {
      document.documentElement.lang = next;
      setLang(next);
      setWords(catalogue);
    };
    if (next === 'en') use(en);
    else void import('./cy').then(({ cy }) => use(cy));
  }, []);

  useEffect(() => {
    if (remembered() === 'cy') choose('cy');
  }, [choose]);

  const value = useMemo(
    () => ({ lang, t: translator(words), label: labeller(lang, words), word: (key: string) => wordFor(lang, words, key), choose }),
    [lang, words, choose],
  );
  return <WordsContext value={value}>{children}</WordsContext>;
}
