import type { DescField } from '@bufbuild/protobuf';
import type { ReactNode } from 'react';
import { en, type Key } from '../words/en';
import { humanised, type Words } from '../words/words';

// The label of the catalogue, by message and field or by field alone; else the name itself.
export function fieldLabel({ t, lang }: Words, field: DescField): ReactNode {
  const short = field.parent.name;
  for (const key of [`field.${short}.${field.name}`, `field.${field.name}`]) if (key in en) return t(key as Key);
  const text = humanised(field.name.replace(/_(time|date)$/, ''));
  return lang === 'cy' ? <span lang="en">{text}</span> : text;
}
