import '../../words/fields';
import { humanised, type Words } from '../../words/words';

// What an act is called: in the catalogue, or by the name of its method.
export function actLabel({ word }: Pick<Words, 'word'>, method: string): string {
  return word(`act.${method}`) ?? humanised(method.replace(/(?<!^)([A-Z])/g, '_$1'));
}
