// Who is signed in. The session itself lives in the gateway; here is only what the pages need, and
// never longer than the page is open.
import { useSyncExternalStore } from 'react';
import { Role } from '../gen/waymark/options/v1/rule_pb';
import * as gateway from './gateway';

export interface Person {
  userId: string;
  name: string;
  tenant: string;
  subjectId: string;
  roles: Role[];
}

export type Session =
  | { state: 'loading' }
  | { state: 'signed_out' }
  // The gateway could not be reached at all.
  | { state: 'unreachable' }
  | { state: 'signed_in'; person: Person }
  // Signed in a moment ago: what is on the page stays until somebody signs in again.
  | { state: 'expired'; person: Person };

let session: Session = { state: 'loading' };
const listeners = new Set<() => void>();

function become(next: Session) {
  session = next;
  for (const listener of listeners) listener();
}

export function useSession(): Session {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session,
  );
}

export function usePerson(): Person {
  const now = useSession();
  if (now.state !== 'signed_in' && now.state !== 'expired') throw new Error('nobody is signed in');
  return now.person;
}

export function has(person: Person, ...roles: Role[]): boolean {
  return person.roles.some((role) => roles.includes(role));
}

function personOf(answer: gateway.SessionAnswer): Person {
  return {
    userId: answer.userId,
    name: answer.name,
    tenant: answer.tenant,
    subjectId: answer.subjectId,
    roles: answer.roles.map((name) => Role[name as keyof typeof Role] ?? Role.UNSPECIFIED),
  };
}

export async function loadSession(): Promise<void> {
  const answer = await gateway.readSession();
  if (answer === 'unreachable') {
    if (session.state === 'loading') become({ state: 'unreachable' });
  } else if (answer === 'signed_out') {
    sessionEnded();
    if (session.state !== 'expired') become({ state: 'signed_out' });
  } else {
    const person = personOf(answer);
    const before = session.state === 'expired' ? session.person : undefined;
    // Somebody else signed in at this desk: nothing of the page before may stay.
    if (before !== undefined && (before.userId !== person.userId || before.tenant !== person.tenant)) {
      window.location.assign('/');
      return;
    }
    become({ state: 'signed_in', person });
  }
}

// A call was refused for want of a session.
export function sessionEnded() {
  if (session.state === 'signed_in') become({ state: 'expired', person: session.person });
}
