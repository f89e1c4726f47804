// Markup in every text field that a person may fill in, by the descriptors of the API: what is accepted is
// shown as the text that it is, and runs nowhere.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type DescField, type DescMessage, type DescService, fromJson, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import type { Page } from '@playwright/test';
import { BbvService } from '../../../services/gateway/console/src/gen/waymark/bbv/v1/bbv_service_pb';
import { DentalService } from '../../../services/gateway/console/src/gen/waymark/dental/v1/dental_service_pb';
import { MentalHealthService } from '../../../services/gateway/console/src/gen/waymark/mental_health/v1/mental_health_service_pb';
import { MskService } from '../../../services/gateway/console/src/gen/waymark/msk/v1/msk_service_pb';
import { as, call, expect, test } from './ground';

test.setTimeout(300_000);

const kMarkup = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
const kPathways: [name: string, service: DescService, folder: string][] = [
  ['bbv', BbvService, '../data'],
  ['msk', MskService, '../data/msk'],
  ['dental', DentalService, '../data/dental'],
  ['mental_health', MentalHealthService, '../data/mental_health'],
];

type Message = { [name: string]: JsonValue };
const isMessage = (value: unknown): value is Message => typeof value === 'object' && value !== null && !Array.isArray(value);

// "now-20m" as the example reports write it; an hour here is enough.
function withTimes(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withTimes);
  if (isMessage(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withTimes(one)]));
  const span = typeof value === 'string' && value.match(/^now-(\d+)([mhdw])$/);
  if (!span) return value;
  const minutes = Number(span[1]) * { m: 1, h: 60, d: 1440, w: 10080 }[span[2] as 'm']!;
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'medium' })
    .format(Date.now() - minutes * 60_000)
    .replace(' ', 'T');
}

const named = (message: Message, field: DescField) => (field.name in message ? field.name : field.jsonName);

// The same request once for each text that it could hold, with markup there. Messages that the example
// leaves out are begun, two deep.
function* marked(schema: DescMessage, message: Message, deep: number): Generator<[path: string, request: Message]> {
  for (const field of schema.fields) {
    const name = named(message, field);
    const inside = message[name];
    if (field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING) {
      if (field.name !== 'request_id') yield [field.name, { ...message, [name]: kMarkup }];
    } else if (field.fieldKind === 'list' && field.listKind === 'scalar' && field.scalar === ScalarType.STRING) {
      yield [field.name, { ...message, [name]: [kMarkup] }];
    } else if (field.fieldKind === 'message' && (isMessage(inside) || deep > 0) && !field.message.typeName.startsWith('google.')) {
      for (const [path, request] of marked(field.message, isMessage(inside) ? inside : {}, isMessage(inside) ? deep : deep - 1)) {
        yield [`${field.name}.${path}`, { ...message, [name]: request }];
      }
    } else if (field.fieldKind === 'list' && field.listKind === 'message') {
      const items = Array.isArray(inside) ? inside : [];
      const first = isMessage(items[0]) ? items[0] : deep > 0 ? {} : undefined;
      if (first === undefined) continue;
      for (const [path, request] of marked(field.message, first, isMessage(items[0]) ? deep : deep - 1)) {
        yield [`${field.name}[0].${path}`, { ...message, [name]: [request, ...items.slice(1)] }];
      }
    }
  }
}

// The opening that an example report is for.
function openingFor(service: DescService, report: Message) {
  return service.methods.find((method) => {
    if (!/^(Log|Open|Start|Begin)/.test(method.name)) return false;
    try {
      fromJson(method.input, report);
      return true;
    } catch {
      return false;
    }
  });
}

interface Opened {
  receipts?: { caseId: string }[];
  cases?: { header?: { caseId: string } }[];
}

// Fails when anything of the markup has become an element or run.
async function harmless(page: Page, path: string) {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  // Streams stay open, so there is no moment without the network to wait for.
  await page.waitForTimeout(500);
  const made = await page.evaluate(() => document.querySelectorAll('img[src="x"], script:not([src]), [onerror]').length);
  expect(made, path).toBe(0);
}

test('markup in any text field is text', async ({ browser }) => {
  const page = await as(browser, /Nia Evans/);
  const said: string[] = [];
  page.on('dialog', (dialog) => {
    said.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) said.push(message.text());
  });
  let shown = 0;
  for (const [name, service, folder] of kPathways) {
    const tried: string[] = [];
    const accepted: string[] = [];
    const cases = new Set<string>();
    for (const file of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
      const report = withTimes(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as JsonValue) as Message;
      const method = openingFor(service, report);
      if (!method) continue;
      for (const [path, request] of marked(method.input, report, 1)) {
        const at = `${method.name}.${path}`;
        if (tried.includes(at)) continue;
        tried.push(at);
        const { status, body } = await call(page, `${service.typeName}/${method.name}`, { ...request, request_id: randomUUID() });
        // Refused is as good: no service stores it.
        expect([200, 400, 403, 404, 412], `${at}: ${JSON.stringify(body)}`).toContain(status);
        if (status !== 200) continue;
        accepted.push(at);
        const opened = body as unknown as Opened;
        const id = opened.receipts?.[0]?.caseId ?? opened.cases?.[0]?.header?.caseId;
        if (id) cases.add(id);
      }
    }
    console.log(`${name}: ${tried.length} text fields, ${accepted.length} take markup: ${accepted.join(', ')}`);
    expect(tried.length, name).toBeGreaterThan(3);
    for (const id of cases) {
      await harmless(page, `/cases/${name}/${id}`);
      shown += await page.getByText('<img src=x', { exact: false }).count();
    }
  }
  const family = `${kMarkup}${randomUUID().slice(0, 4)}`;
  const registered = await call(page, 'waymark.workforce.v1.WorkforceService/RegisterPerson', {
    requestId: randomUUID(),
    name: { family, given: kMarkup, knownAs: kMarkup },
    birthDate: { year: 1990, month: 5, day: 1 },
    workforceType: 'WORKFORCE_TYPE_OFFICER',
  });
  console.log(`a person's name with markup: ${registered.status}`);
  await harmless(page, '/log');
  await page.getByLabel('Who was exposed?').fill(family);
  await page.getByLabel('Who was exposed?').press('Enter');
  await harmless(page, '/worklist');
  await harmless(page, '/cases');
  expect(shown, 'somewhere it is shown, as text').toBeGreaterThan(0);
  expect(said).toEqual([]);
});
