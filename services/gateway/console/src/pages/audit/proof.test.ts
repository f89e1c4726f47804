import { describe, expect, it } from 'vitest';
import { fromBase64, leafHash, openCheckpoint, rootOf, same, sha256, verify } from './proof';

const node = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);

// The tree of RFC 6962 itself, worked out the other way round: by splitting.
async function treeRoot(hashes: Uint8Array[]): Promise<Uint8Array> {
  if (hashes.length === 1) return hashes[0]!;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return node(await treeRoot(hashes.slice(0, split)), await treeRoot(hashes.slice(split)));
}

async function path(hashes: Uint8Array[], index: number): Promise<Uint8Array[]> {
  if (hashes.length === 1) return [];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return index < split
    ? [...(await path(hashes.slice(0, split), index)), await treeRoot(hashes.slice(split))]
    : [...(await path(hashes.slice(split), index - split)), await treeRoot(hashes.slice(0, split))];
}

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

async function signed(text: string) {
  const name = 'log.example/test';
  const pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair;
  const material = Uint8Array.of(1, ...new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const id = (await sha256(new TextEncoder().encode(`${name}\n`), material)).slice(0, 4);
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, new TextEncoder().encode(text)));
  return {
    note: `${text}\n— ${name} ${base64(Uint8Array.of(...id, ...signature))}\n`,
    key: `${name}+${hex(id)}+${base64(material)}`,
  };
}

describe('a proof', () => {
  it('leads to the root for every entry of every small tree, and to no other', async () => {
    for (let size = 1; size <= 17; ++size) {
      const hashes = await Promise.all(Array.from({ length: size }, (_, i) => leafHash(`entry ${i}`)));
      const root = await treeRoot(hashes);
      for (let i = 0; i < size; ++i) {
        const proof = await path(hashes, i);
        expect(same((await rootOf(hashes[i]!, i, size, proof))!, root), `${i} of ${size}`).toBe(true);
        const wrong = await rootOf(await leafHash('another'), i, size, proof);
        expect(wrong !== undefined && same(wrong, root)).toBe(false);
        if (size > 1) expect(await rootOf(hashes[i]!, i, size, proof.slice(1)).then((found) => found !== undefined && same(found, root))).toBe(false);
      }
    }
  });

  it('holds only for the text, the root and the key that belong together', async () => {
    const leaves = ['a', 'b', 'c', 'd', 'e'];
    const hashes = await Promise.all(leaves.map(leafHash));
    const root = await treeRoot(hashes);
    const { note, key } = await signed(`log.example/test\n5\n${base64(root)}\n`);
    const proof = { sequence: 2n, treeSize: 5n, leafHash: hashes[2]!, proof: await path(hashes, 2) };
    expect(await verify('c', proof, note, key)).toBe('holds');
    expect(await verify('x', proof, note, key)).toBe('leaf_differs');
    expect(await verify('c', { ...proof, sequence: 3n }, note, key)).toBe('root_differs');
    expect(await verify('c', { ...proof, treeSize: 4n }, note, key)).toBe('root_not_signed');
    expect(await verify('c', proof, note.replace('\n5\n', '\n6\n'), key)).toBe('signature_fails');
    const other = await signed('log.example/test\n5\nx\n');
    expect(await verify('c', proof, note, other.key)).toBe('signature_fails');
    expect(await openCheckpoint(note, `${key}A`)).toBeUndefined();
  });

  it('has nothing in common with a proof that was made up', async () => {
    expect(await rootOf(await leafHash('a'), 5, 5, [])).toBeUndefined();
    expect(await rootOf(await leafHash('a'), 0, 1, [await leafHash('b')])).toBeUndefined();
    expect(fromBase64('AQI=')).toEqual(Uint8Array.of(1, 2));
  });
});
