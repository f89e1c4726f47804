// What a person has typed and not sent yet, kept by the gateway: encrypted, for them alone, a week at
// most. Nothing of it is ever kept in the browser.
import { DraftService } from '../gen/waymark/gateway/v1/draft_service_pb';
import { newRequestId } from './ids';
import { client } from './transport';

export async function readDraft(form: string): Promise<string | undefined> {
  return (await client(DraftService).getDraft({ form })).draft?.content;
}

export async function saveDraft(form: string, content: string): Promise<void> {
  await client(DraftService).saveDraft({ requestId: newRequestId(), draft: { form, content } });
}

export async function deleteDraft(form: string): Promise<void> {
  await client(DraftService).deleteDraft({ requestId: newRequestId(), form });
}
