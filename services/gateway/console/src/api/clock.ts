import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { useSyncExternalStore } from 'react';

const kFreshMs = 5 * 60_000;

// Time left is counted on the services' clock, not on the one of this device, which may be wrong.
let aheadMs = 0;
// By the browser's own count, which setting the device's clock does not move.
let learntAt = -Infinity;
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;
let shown = 0;

export function nowMs(): number {
  return Date.now() + aheadMs;
}

// Whether a service has said what time it is, not long ago.
export function isClockFresh(): boolean {
  return performance.now() - learntAt < kFreshMs;
}

// Heeds an instant that a service has just called now.
export function learnNow(now: Timestamp | undefined) {
  if (now === undefined) return;
  learntAt = performance.now();
  const ahead = timestampMs(now) - Date.now();
  // Less than two seconds is the network's doing.
  if (Math.abs(ahead - aheadMs) < 2000) return;
  aheadMs = ahead;
  tick();
}

function tick() {
  shown = Math.floor(nowMs() / 1000) * 1000;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  if (listeners.size === 0) {
    tick();
    ticking = setInterval(tick, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(ticking);
  };
}

// Now, in whole steps: whoever shows minutes need not render every second.
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(subscribe, () => {
    const now = shown === 0 ? Math.floor(nowMs() / 1000) * 1000 : shown;
    return Math.floor(now / stepMs) * stepMs;
  });
}
