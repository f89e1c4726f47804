// What went wrong, so that a page can say what to do about it.
import { Code, ConnectError } from '@connectrpc/connect';

export type Kind = 'expired' | 'forbidden' | 'missing' | 'offline' | 'stale' | 'invalid' | 'refused' | 'failed';

export interface Trouble {
  kind: Kind;
  // UPPER_SNAKE, when the service gave one.
  reason: string;
  // The service's own sentence; for people, without anything personal.
  message: string;
  // By field of the request: "people[0].exposure.incident_time".
  fields: { field: string; message: string }[];
}

// google.rpc.ErrorInfo { reason = 1 } and BadRequest { field_violations = 1 { field = 1, description = 2 } },
// read by hand: two strings are not worth two generated files.
function strings(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const found = new Map<number, Uint8Array[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) !== 2) {
      varint();
      continue;
    }
    const length = varint();
    const field = Math.floor(tag / 8);
    found.set(field, [...(found.get(field) ?? []), bytes.subarray(at, at + length)]);
    at += length;
  }
  return found;
}

const utf8 = new TextDecoder();

export function troubleOf(error: unknown): Trouble {
  const connect = ConnectError.from(error);
  const trouble: Trouble = { kind: 'failed', reason: '', message: connect.rawMessage, fields: [] };
  for (const detail of connect.details) {
    if (!('type' in detail) || !(detail.value instanceof Uint8Array)) continue;
    const fields = strings(detail.value);
    if (detail.type === 'google.rpc.ErrorInfo') trouble.reason = utf8.decode(fields.get(1)?.[0]);
    if (detail.type === 'google.rpc.BadRequest') {
      for (const violation of fields.get(1) ?? []) {
        const parts = strings(violation);
        trouble.fields.push({ field: utf8.decode(parts.get(1)?.[0]), message: utf8.decode(parts.get(2)?.[0]) });
      }
    }
  }
  trouble.kind = kindOf(connect.code, trouble.reason, error);
  return trouble;
}

function kindOf(code: Code, reason: string, error: unknown): Kind {
  if (reason === 'STALE_VERSION') return 'stale';
  // Somebody signed in again in another window: this page knows the session before.
  if (reason === 'CSRF_TOKEN') return 'expired';
  switch (code) {
    case Code.Unauthenticated:
      return 'expired';
    case Code.PermissionDenied:
      return 'forbidden';
    case Code.NotFound:
      return 'missing';
    case Code.Unavailable:
    case Code.DeadlineExceeded:
      return 'offline';
    case Code.InvalidArgument:
      return 'invalid';
    case Code.FailedPrecondition:
    case Code.AlreadyExists:
    case Code.Aborted:
    case Code.OutOfRange:
    case Code.ResourceExhausted:
      return 'refused';
    default:
      // fetch() failing reaches us as a TypeError inside an unknown error.
      return error instanceof TypeError || (error instanceof ConnectError && error.cause instanceof TypeError)
        ? 'offline'
        : 'failed';
  }
}

// Whether the same request may be sent again: nobody knows yet whether it arrived.
export function worthRetrying(error: unknown): boolean {
  return troubleOf(error).kind === 'offline';
}

