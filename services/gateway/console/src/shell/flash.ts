import { useEffect, useState } from 'react';

// What the page before has to say on the next one, once.
interface Flash {
  kind: 'opened' | 'recorded';
  // Cases opened, or steps that moved.
  count: number;
  firstAid?: string[];
}

let waiting: Flash | undefined;

export function putFlash(flash: Flash) {
  waiting = flash;
}

// Read and not taken away while rendering: React may throw a first render away and begin again. It is gone
// once it was shown.
export function useFlash(): Flash | undefined {
  const [flash] = useState(() => waiting);
  useEffect(() => {
    if (waiting === flash) waiting = undefined;
  }, [flash]);
  return flash;
}
