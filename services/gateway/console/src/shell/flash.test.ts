import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { putFlash, useFlash } from './flash';

function Next() {
  return createElement('p', null, useFlash()?.kind ?? 'nothing');
}

test('what the page before has to say outlives a render that was thrown away', () => {
  expect(renderToString(createElement(Next))).toContain('nothing');
  putFlash({ kind: 'recorded', count: 1 });
  // On the server no effect runs: the page never came up, as when React begins a first render again.
  expect(renderToString(createElement(Next))).toContain('recorded');
  expect(renderToString(createElement(Next))).toContain('recorded');
});
