// Checks, with nothing but the browser's own cryptography, that an entry is in the log whose size and
// root a checkpoint states: RFC 6962 inclusion, and the checkpoint's C2SP signed note (Ed25519).

export async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
}

const kLeaf = Uint8Array.of(0);
const kNode = Uint8Array.of(1);
const utf8 = new TextEncoder();

export const leafHash = (leaf: string) => sha256(kLeaf, utf8.encode(leaf));
const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(kNode, left, right);

export const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

// The root that a proof leads to (RFC 9162, 2.1.3.2); nothing when it has the wrong length.
export async function rootOf(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[]): Promise<Uint8Array | undefined> {
  if (index < 0 || index >= size) return undefined;
  let fn = index;
  let sn = size - 1;
  let root = leaf;
  for (const part of proof) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      root = await nodeHash(part, root);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      root = await nodeHash(root, part);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? root : undefined;
}

// Nothing for what is no base64: it then has no right length either.
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

// A checkpoint whose signature holds under the verifier key ("name+keyid+base64"); nothing otherwise.
export async function openCheckpoint(note: string, verifierKey: string): Promise<Checkpoint | undefined> {
  const key = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey);
  const end = note.lastIndexOf('\n\n');
  if (!key || end === -1) return undefined;
  const [, name, keyId, encoded] = key;
  const material = fromBase64(encoded!);
  if (material.length !== 33 || material[0] !== 1) return undefined;
  // The id is the beginning of a hash of name and key: a key under another's id is refused.
  const hash = await sha256(utf8.encode(`${name}\n`), material);
  const hex = [...hash.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== keyId) return undefined;
  const text = note.slice(0, end + 1);
  const signatures = note
    .slice(end + 2)
    .split('\n')
    .map((line) => /^— (\S+) (\S+)$/.exec(line))
    .filter((line) => line?.[1] === name)
    .map((line) => fromBase64(line![2]!))
    .filter((bytes) => bytes.length === 68 && [...bytes.subarray(0, 4)].every((byte, i) => byte === hash[i]));
  if (signatures.length === 0) return undefined;
  const publicKey = await crypto.subtle.importKey('raw', material.slice(1), { name: 'Ed25519' }, false, ['verify']);
  for (const signature of signatures) {
    if (!(await crypto.subtle.verify({ name: 'Ed25519' }, publicKey, signature.slice(4), utf8.encode(text)))) return undefined;
  }
  const [origin, size, root] = text.split('\n');
  if (!/^\d+$/.test(size ?? '') || !root) return undefined;
  return { origin: origin!, size: Number(size), root: fromBase64(root) };
}

export type Verdict = 'holds' | 'leaf_differs' | 'root_differs' | 'signature_fails' | 'root_not_signed';

// Whether the very text that is shown is what the signed checkpoint commits to.
export async function verify(
  leaf: string,
  proof: { sequence: bigint; treeSize: bigint; leafHash: Uint8Array; proof: Uint8Array[] },
  note: string,
  verifierKey: string,
): Promise<Verdict> {
  const hash = await leafHash(leaf);
  if (!same(hash, proof.leafHash)) return 'leaf_differs';
  const checkpoint = await openCheckpoint(note, verifierKey);
  if (!checkpoint) return 'signature_fails';
  if (BigInt(checkpoint.size) !== proof.treeSize) return 'root_not_signed';
  const root = await rootOf(hash, Number(proof.sequence), checkpoint.size, proof.proof);
  return root !== undefined && same(root, checkpoint.root) ? 'holds' : 'root_differs';
}
