import { SchedulingService } from '../gen/waymark/scheduling/v1/scheduling_service_pb';
import { isClockFresh, learnNow } from './clock';
import { client } from './transport';

// "Just now" must be the services' now: a device whose clock is wrong would date a sample wrongly. The
// worklist says what time it is, to those who may see it; without it the device's clock has to do. Reading it
// is recorded: not more often than somebody would look at a clock.
export async function learnClock(caseId: string, signal: AbortSignal): Promise<void> {
  if (isClockFresh()) return;
  try {
    const list = await client(SchedulingService).listWorklist({ filter: { caseId }, pageSize: 1 }, { signal });
    learnNow(list.asOfTime);
  } catch {
    // Shown all the same.
  }
}
