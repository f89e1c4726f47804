import { en, type Key } from '../../words/en';
import { humanised, type Words } from '../../words/words';

// What an act is called: in the catalogue, or by the name of its method.
export function actLabel({ t }: Pick<Words, 't'>, method: string): string {
  const key = `act.${method}`;
  return key in en ? t(key as Key) : humanised(method.replace(/(?<!^)([A-Z])/g, '_$1'));
}
