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

// A session that is about to end: people are told in time to do something about it.
export interface Ending {
  secondsLeft: number;
  // Nothing but signing in again helps.
  final: boolean;
}

const kWarnSeconds = 120;
const kLookAgainSeconds = 10;
let ending: Ending | undefined;
let look: ReturnType<typeof setTimeout> | undefined;

export function useEnding(): Ending | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ending,
  );
}

// Looking is no use of the session; another window of the same person may have put its end off.
function lookIn(seconds: number) {
  clearTimeout(look);
  if (Number.isFinite(seconds)) look = setTimeout(() => void loadSession(), Math.min(seconds, 86_400) * 1000);
}

function watchEnd(answer: gateway.SessionAnswer) {
  const soon = answer.secondsLeft <= kWarnSeconds;
  ending = soon ? { secondsLeft: answer.secondsLeft, final: answer.final } : undefined;
  lookIn(soon ? Math.min(kLookAgainSeconds, answer.secondsLeft + 1) : answer.secondsLeft - kWarnSeconds + 1);
}

export async function stay(): Promise<void> {
  await gateway.stay();
  await loadSession();
}

export async function loadSession(): Promise<void> {
  const answer = await gateway.readSession();
  if (answer === 'unreachable') {
    if (look !== undefined) lookIn(kLookAgainSeconds);
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
    watchEnd(answer);
    const same = session.state === 'signed_in' && JSON.stringify(session.person) === JSON.stringify(person);
    become(same ? session : { state: 'signed_in', person });
  }
}

// A call was refused for want of a session.
export function sessionEnded() {
  clearTimeout(look);
  ending = undefined;
  if (session.state === 'signed_in') become({ state: 'expired', person: session.person });
}
