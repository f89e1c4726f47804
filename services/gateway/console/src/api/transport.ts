import { type DescService } from '@bufbuild/protobuf';
import { type Client, createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { troubleOf, worthRetrying } from './errors';
import * as gateway from './gateway';
import { sessionEnded } from './session';

const kCallMs = 20_000;

const guard: Interceptor = (next) => async (request) => {
  for (const [name, value] of Object.entries(gateway.callHeaders())) request.header.set(name, value);
  try {
    return await next(request);
  } catch (error) {
    if (troubleOf(error).kind === 'expired') sessionEnded();
    throw error;
  }
};

// What is typed last is saved while the page closes. A browser allows 64 kB in all on its way like that.
function outlivesThePage(input: RequestInfo | URL, body: BodyInit | null | undefined): boolean {
  return String(input).endsWith('/SaveDraft') && body instanceof Uint8Array && body.byteLength < 50_000;
}

let transport: Transport = createConnectTransport({
  baseUrl: '/',
  useBinaryFormat: true,
  defaultTimeoutMs: kCallMs,
  interceptors: [guard],
  fetch: (input, init) =>
    fetch(input, { ...init, credentials: 'same-origin', redirect: 'error', keepalive: outlivesThePage(input, init?.body) }),
});

// For development and tests: answers from memory.
export function answerFrom(other: (interceptors: Interceptor[]) => Transport) {
  transport = other([guard]);
}

export function client<S extends DescService>(service: S): Client<S> {
  return createClient(service, transport);
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Sends one act until it is answered: over a poor network the same request id goes out again, so the
// act happens once. `onRetry` hears of each further attempt. Gives up after about a minute.
export async function persist<T>(send: () => Promise<T>, onRetry?: (attempt: number) => void): Promise<T> {
  for (let attempt = 1; ; ++attempt) {
    try {
      return await send();
    } catch (error) {
      if (!worthRetrying(error) || attempt === 8) throw error;
      onRetry?.(attempt);
      await wait(Math.min(250 * 2 ** attempt, 10_000));
    }
  }
}
