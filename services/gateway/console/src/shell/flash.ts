// What the page before has to say on the next one, once.
export interface Flash {
  kind: 'opened' | 'recorded';
  // Cases opened, or steps that moved.
  count: number;
  firstAid?: string[];
}

let waiting: Flash | undefined;

export function putFlash(flash: Flash) {
  waiting = flash;
}

export function takeFlash(): Flash | undefined {
  const flash = waiting;
  waiting = undefined;
  return flash;
}
