// The list as a file: exactly the steps that the list holds at that moment, in its order. Made on this
// device from what the service streams; nothing of it is kept.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { newRequestId, shortRef } from '../../api/ids';
import { client } from '../../api/transport';
import { StepStatusSchema } from '../../gen/waymark/casework/v1/plan_pb';
import { RoleSchema } from '../../gen/waymark/options/v1/rule_pb';
import { SchedulingService } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import type { Tab, WorklistItem } from '../../gen/waymark/scheduling/v1/worklist_pb';
import { localTimeOf } from '../../time/dates';
import type { Words } from '../../words/words';
import { pathwayName } from '../case/pathways';

// A cell that a spreadsheet takes for text, whatever it begins with.
export function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const time = (at: WorklistItem['dueTime']) => (at ? localTimeOf(timestampMs(at)).civil.replace('T', ' ').slice(0, 16) : '');

function lineOf({ t, label }: Pick<Words, 't' | 'label'>, item: WorklistItem): string {
  return [
    item.title || t('worklist.task'), pathwayName(t, item.pathway), item.caseId === '' ? '' : shortRef(item.caseId), label(StepStatusSchema, item.status),
    time(item.opensTime), time(item.dueTime), time(item.closesTime), label(RoleSchema, item.responsible), item.claimedBy,
  ].map(cell).join(',');
}

function headOf({ t }: Pick<Words, 't'>): string {
  return [
    t('worklist.col.what'), t('export.pathway'), t('cases.col.case'), t('cases.col.state'), t('export.opens'), t('export.due'), t('export.closes'),
    t('worklist.col.who'), t('export.claimed'),
  ].map(cell).join(',');
}

// How many steps the file holds.
export async function exportWorklist(words: Pick<Words, 't' | 'label'>, filter: { tab: Tab; mine: boolean }): Promise<number> {
  const lines = [headOf(words)];
  let total = 0;
  for await (const part of client(SchedulingService).exportWorklist({ requestId: newRequestId(), filter }, { timeoutMs: 120_000 })) {
    lines.push(...part.items.map((item) => lineOf(words, item)));
    total = Number(part.totalCount);
  }
  if (lines.length - 1 !== total) throw new Error('The export is not whole.');
  // The mark at the beginning makes spreadsheets read it as UTF-8.
  const file = URL.createObjectURL(new Blob([`\ufeff${lines.join('\r\n')}\r\n`], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = file;
  link.download = 'worklist.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(file), 1000);
  return total;
}
