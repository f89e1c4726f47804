import { describe, expect, it } from 'vitest';
import { keptOf, textOf } from './draft_text';

describe('a draft', () => {
  it('holds what a message can hold', () => {
    const kept = { answers: { a: [1, 'ä<b>', true], seconds: 9007199254740993n, bytes: Uint8Array.of(0, 255), deep: { none: null } }, at: 'when' };
    expect(keptOf(textOf(kept))).toEqual(kept);
  });

  it('is nothing when it cannot be read', () => {
    for (const text of ['', '{', 'null', '7', '{"at": "when"}', '{"answers": {"$int64": "x"}}']) expect(keptOf(text)).toBeUndefined();
  });
});
