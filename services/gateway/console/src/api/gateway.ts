// What the console asks of the gateway besides the services' methods: session and sign-in. The only file
// that knows their paths.

export interface SessionAnswer {
  userId: string;
  name: string;
  tenant: string;
  subjectId: string;
  roles: string[];
  // Until the session ends if nothing is done.
  secondsLeft: number;
  // Nothing puts the end off any more.
  final: boolean;
}

interface Gateway {
  readSession(): Promise<SessionAnswer | 'signed_out' | 'unreachable'>;
  // Where to go then: the identity provider has a session of its own to end.
  signOut(everywhere: boolean): Promise<string>;
  // Puts off the end of a session that is not used.
  stay(): Promise<void>;
}

let csrf = '';

// Every call that changes something carries the session's own token, which another site cannot read.
export function callHeaders(): Record<string, string> {
  return csrf === '' ? {} : { 'waymark-csrf': csrf };
}

async function ask(path: string, init: RequestInit = {}): Promise<Response | undefined> {
  try {
    return await fetch(path, {
      ...init,
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      headers: { accept: 'application/json', ...callHeaders(), ...init.headers },
    });
  } catch {
    return undefined;
  }
}

const real: Gateway = {
  async readSession() {
    const response = await ask('/auth/session');
    if (response === undefined || !response.ok) return 'unreachable';
    const answer = (await response.json()) as Record<string, unknown>;
    if (answer.signed_in !== true) {
      csrf = '';
      return 'signed_out';
    }
    csrf = String(answer.csrf_token ?? '');
    return {
      userId: String(answer.user_id ?? ''),
      name: String(answer.name || answer.user_id),
      tenant: String(answer.tenant ?? ''),
      subjectId: String(answer.subject_id ?? ''),
      roles: Array.isArray(answer.roles) ? answer.roles.map(String) : [],
      secondsLeft: Number(answer.seconds_left ?? Infinity),
      final: answer.idle_end_time === answer.end_time,
    };
  },
  async signOut(everywhere) {
    const response = await ask(everywhere ? '/auth/sign-out-everywhere' : '/auth/sign-out', { method: 'POST' });
    const answer = response?.ok ? ((await response.json()) as { provider_sign_out_url?: string }) : {};
    return answer.provider_sign_out_url || '/';
  },
  async stay() {
    await ask('/auth/session', { method: 'POST' });
  },
};

let used: Gateway = real;

export function useInstead(other: Gateway) {
  used = other;
}

export const readSession = () => used.readSession();
export const signOut = (everywhere: boolean) => used.signOut(everywhere);
export const stay = () => used.stay();

// Where a browser goes to sign in, and comes back to the page it was on.
export function signInHref(returnTo: string): string {
  return `/auth/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}
