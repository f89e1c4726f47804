import type { DescEnum } from '@bufbuild/protobuf';
import { createContext, useContext } from 'react';
import { en, type Catalogue, type Key } from './en';

export type Lang = 'en' | 'cy';
// English, then Welsh.
export type Pair = readonly [string, string];
export type Params = Record<string, string | number>;
export type Translate = (key: Key, params?: Params) => string;

export interface Words {
  lang: Lang;
  t: Translate;
  // What a value of an enum is called.
  label: (type: DescEnum, value: number) => string;
  // The word for a key that is made while the page runs, such as a field's.
  word: (key: string) => string | undefined;
  choose: (lang: Lang) => void;
}

export function translator(words: Catalogue): Translate {
  return (key, params) => {
    const text: string = words[key];
    return params === undefined ? text : text.replace(/\{(\w+)\}/g, (whole, name) => String(params[name] ?? whole));
  };
}

// "waymark.bbv.v1.Route" and 1 -> "bbv.Route.NEEDLESTICK".
export function enumKey(type: DescEnum, value: number): string {
  const [, service, , name] = type.typeName.split('.');
  return `${service}.${name}.${type.value[value]?.localName ?? value}`;
}

// Words that come with the pages that show them, beside the catalogue that comes with the first one.
const known: Record<string, Pair> = {};

export function know(words: Record<string, Pair>) {
  Object.assign(known, words);
}

// The word for a key that is made while the page runs; none when neither place has it.
export function wordFor(lang: Lang, catalogue: Catalogue, key: string): string | undefined {
  return known[key]?.[lang === 'en' ? 0 : 1] ?? (catalogue as Record<string, string>)[key];
}

// "COMPETENCE_OH_NURSE" -> "Oh nurse": for a value that no catalogue knows yet.
export function humanised(name: string): string {
  const words = name.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function labeller(lang: Lang, catalogue: Catalogue): Words['label'] {
  return (type, value) =>
    wordFor(lang, catalogue, enumKey(type, value)) ?? humanised(type.value[value]?.localName ?? String(value));
}

export const WordsContext = createContext<Words>({
  lang: 'en',
  t: translator(en),
  label: labeller('en', en),
  word: (key) => wordFor('en', en, key),
  choose: () => undefined,
});

export function useWords(): Words {
  return useContext(WordsContext);
}
