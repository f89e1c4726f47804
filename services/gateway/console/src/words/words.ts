import type { DescEnum } from '@bufbuild/protobuf';
import { createContext, useContext } from 'react';
import { en, type Catalogue, type Key } from './en';

export type Lang = 'en' | 'cy';
export type Params = Record<string, string | number>;
export type Translate = (key: Key, params?: Params) => string;

export interface Words {
  lang: Lang;
  t: Translate;
  // What a value of an enum is called.
  label: (type: DescEnum, value: number) => string;
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

// "COMPETENCE_OH_NURSE" -> "Oh nurse": for a value that no catalogue knows yet.
export function humanised(name: string): string {
  const words = name.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function labeller(words: Catalogue): Words['label'] {
  return (type, value) => {
    const key = enumKey(type, value);
    const known = (words as Record<string, string>)[key];
    return known ?? humanised(type.value[value]?.localName ?? String(value));
  };
}

export const WordsContext = createContext<Words>({
  lang: 'en',
  t: translator(en),
  label: labeller(en),
  choose: () => undefined,
});

export function useWords(): Words {
  return useContext(WordsContext);
}
