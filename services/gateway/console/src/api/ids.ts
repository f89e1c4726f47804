// A random UUID: names one act of a person, however often it has to be sent.
export function newRequestId(): string {
  return crypto.randomUUID();
}

// How a case is named on screen: enough of its id to tell it from others by eye.
export function shortRef(id: string): string {
  return id.slice(0, 8).toUpperCase();
}
