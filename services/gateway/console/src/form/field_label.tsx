import type { DescField, DescOneof } from '@bufbuild/protobuf';
import '../words/fields';
import { humanised, type Words } from '../words/words';

// What a field is called: by message and field, or by field alone; else its name itself.
export function fieldLabel({ word }: Pick<Words, 'word'>, field: DescField | DescOneof): string {
  return (
    word(`field.${field.parent.name}.${field.name}`) ??
    word(`field.${field.name}`) ??
    humanised(field.name.replace(/_(time|date)$/, ''))
  );
}
