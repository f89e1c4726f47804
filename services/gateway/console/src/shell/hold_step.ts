// Holding the reminders of a step while somebody is on it.
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { client } from '../api/transport';
import type { Try } from '../form/submit';
import { SchedulingService } from '../gen/waymark/scheduling/v1/scheduling_service_pb';

export const kHoldMinutes = [30, 60, 240];

export const holdStep = (stepRef: string, minutes: number) => ({
  name: `${stepRef} ${minutes}`,
  send: ({ requestId, atMs }: Try) => client(SchedulingService).acknowledgeStep({ requestId, stepRef, untilTime: timestampFromMs(atMs + minutes * 60_000) }),
});
