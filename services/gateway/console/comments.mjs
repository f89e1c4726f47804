// Reads a FileDescriptorSet with comments and writes what the API says of each field, so that forms
// can show it, and which fields only the services fill in.
import { readFileSync, writeFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const [, , from, to] = process.argv;
const set = fromBinary(FileDescriptorSetSchema, readFileSync(from));
const said = {};
const outputOnly = [];
for (const file of set.file) {
  if (!file.package.startsWith('waymark.')) continue;
  const comments = new Map(
    (file.sourceCodeInfo?.location ?? []).map((one) => [one.path.join('.'), (one.leadingComments || one.trailingComments).trim()]),
  );
  const walk = (message, path, name) => {
    message.field.forEach((field, i) => {
      const text = (comments.get([...path, 2, i].join('.')) ?? '').replace(/\s+/g, ' ');
      const key = `${name}.${field.name}`;
      if (/output only/i.test(text)) outputOnly.push(key);
      else if (text !== '') said[key] = text;
    });
    message.nestedType.forEach((nested, i) => walk(nested, [...path, 3, i], `${name}.${nested.name}`));
  };
  file.messageType.forEach((message, i) => walk(message, [4, i], `${file.package}.${message.name}`));
}
writeFileSync(
  to,
  `export const said: Record<string, string> = ${JSON.stringify(said)};\n` +
    `export const outputOnly = new Set<string>(${JSON.stringify(outputOnly)});\n`,
);
