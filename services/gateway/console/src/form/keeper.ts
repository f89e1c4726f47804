// Saves what is typed into one form, one request at a time: what was typed last wins, whatever the
// network does meanwhile. What could not be saved yet stays in memory and is tried again.
import { deleteDraft, saveDraft } from '../api/drafts';
import { troubleOf } from '../api/errors';

const kPauseMs = 700;
const kLongestWaitMs = 30_000;

export interface Store {
  save(form: string, content: string): Promise<void>;
  remove(form: string): Promise<void>;
}

const keepers = new Map<string, Keeper>();
const listeners = new Set<() => void>();

// The one keeper of a form: a form that was left while its draft was still unsaved is found again.
export function keeperOf(form: string): Keeper {
  let keeper = keepers.get(form);
  if (keeper === undefined) {
    keeper = new Keeper(form);
    keepers.set(form, keeper);
  }
  return keeper;
}

// Whether something typed is in this page alone.
export function anythingUnsaved(): boolean {
  return [...keepers.values()].some((keeper) => keeper.unsaved !== undefined);
}

export function onUnsaved(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function saveAll() {
  for (const keeper of keepers.values()) void keeper.now();
}

export class Keeper {
  // What the gateway does not have yet.
  unsaved: string | undefined;
  private sending: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  constructor(
    private readonly form: string,
    private readonly store: Store = { save: saveDraft, remove: deleteDraft },
  ) {}

  // In a moment: most people type more than one letter.
  later(content: string) {
    this.put(content);
    this.wait(kPauseMs);
  }

  async now(): Promise<void> {
    clearTimeout(this.timer);
    if (this.sending === undefined && this.unsaved !== undefined) {
      this.sending = this.send().finally(() => (this.sending = undefined));
    }
    await this.sending;
  }

  // The form was sent. What is on its way must arrive first, or it would come back afterwards.
  async discard(): Promise<void> {
    this.put(undefined);
    clearTimeout(this.timer);
    await this.sending;
    for (let attempt = 0; attempt < 5 && this.unsaved === undefined; ++attempt) {
      try {
        return await this.store.remove(this.form);
      } catch (error) {
        if (troubleOf(error).kind !== 'offline') return;
        await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
      }
    }
  }

  private async send(): Promise<void> {
    while (this.unsaved !== undefined) {
      const content = this.unsaved;
      try {
        await this.store.save(this.form, content);
        this.failures = 0;
        if (this.unsaved === content) this.put(undefined);
      } catch (error) {
        const { kind } = troubleOf(error);
        // Signed in again, it is asked to save once more.
        if (kind === 'expired') return;
        if (kind === 'offline' || kind === 'failed') {
          this.wait(Math.min(1000 * 2 ** this.failures++, kLongestWaitMs));
          return;
        }
        // Not for this role, or too large: the form goes on without.
        if (this.unsaved === content) this.put(undefined);
      }
    }
  }

  private wait(ms: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.now(), ms);
  }

  private put(content: string | undefined) {
    const before = this.unsaved === undefined;
    this.unsaved = content;
    if (before !== (content === undefined)) for (const listener of listeners) listener();
  }
}
