// A form's answers as text and back, with what JSON has no word for: the 64-bit numbers and the bytes of
// protobuf messages.
export interface Kept<T> {
  answers: T;
  // Where the focus was.
  at: string;
}

export function textOf<T>(kept: Kept<T>): string {
  return JSON.stringify(kept, (_, value: unknown) => {
    if (typeof value === 'bigint') return { $int64: String(value) };
    if (value instanceof Uint8Array) return { $bytes: btoa(String.fromCharCode(...value)) };
    return value;
  });
}

// Nothing for what this form did not write, or an older one did.
export function keptOf<T>(text: string): Kept<T> | undefined {
  try {
    const kept = JSON.parse(text, (_, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value;
      if ('$int64' in value) return BigInt(String(value.$int64));
      if ('$bytes' in value) return Uint8Array.from(atob(String(value.$bytes)), (one) => one.charCodeAt(0));
      return value;
    }) as Kept<T>;
    return typeof kept === 'object' && kept !== null && 'answers' in kept ? kept : undefined;
  } catch {
    return undefined;
  }
}
