// A referral to the NHS and back: the nurse's side on a desk, the clinician's on a telephone.
import { randomUUID } from 'node:crypto';
import { as, call, expect, type Page, serviceTime, somebody, stepsOf, test } from './ground';

test.setTimeout(120_000);

const kHour = 3_600_000;
const kDirectory = 'waymark.referral.v1.DirectoryService';
const kReferral = 'waymark.referral.v1.ReferralService';
const utc = (ms: number) => new Date(ms).toISOString();

async function must(page: Page, method: string, message: object) {
  const { status, body } = await call(page, method, message);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as Record<string, never>;
}

// As London's clock shows it, which is how an exposure says when it happened.
function civil(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE', { timeZone: 'Europe/London' }).replace(' ', 'T').slice(0, 16);
}

async function needlestick(page: Page, subjectId: string, hoursAgo: number): Promise<string> {
  const answer = await must(page, 'waymark.bbv.v1.BbvService/LogExposure', {
    requestId: randomUUID(),
    jurisdiction: 'JURISDICTION_ENGLAND',
    people: [
      {
        subjectId,
        exposure: {
          incidentTime: { civil: civil((await serviceTime(page)) - hoursAgo * kHour) },
          route: 'ROUTE_NEEDLESTICK',
          fluid: 'FLUID_BLOOD',
          visibleBlood: 'ANSWER_YES',
          depth: 'DEPTH_MODERATE',
          device: 'DEVICE_HOLLOW_NEEDLE',
          drewBlood: 'ANSWER_YES',
        },
      },
    ],
    source: { identity: 'SOURCE_IDENTITY_KNOWN', hiv: 'SOURCE_VIRUS_UNKNOWN', injectsDrugs: 'ANSWER_YES' },
  });
  return (answer as unknown as { receipts: { caseId: string }[] }).receipts[0]!.caseId;
}

// The hospital enters itself in the directory, with three free times from an hour on.
async function publish(page: Page, now: number) {
  const serviceId = '5e21c000-0000-4000-8000-000000000001';
  const { entries = [] } = (await must(page, `${kDirectory}/ListEntries`, {})) as { entries?: { organisationCode: string; version: string }[] };
  await must(page, `${kDirectory}/PutEntry`, {
    requestId: randomUUID(),
    entry: {
      organisationCode: 'RX1',
      name: 'City Hospital',
      kind: 'PROVIDER_KIND_NHS',
      carrier: 'CARRIER_WAYMARK',
      version: entries.find((one) => one.organisationCode === 'RX1')?.version ?? '0',
      services: [
        { serviceId, service: 'CARE_SERVICE_EMERGENCY_DEPARTMENT', name: 'Emergency department', jurisdictions: ['JURISDICTION_ENGLAND'], capacity: 'CAPACITY_OPEN', publishesSlots: true },
      ],
    },
  });
  await must(page, `${kDirectory}/PutSlots`, {
    requestId: randomUUID(),
    serviceId,
    period: { startTime: utc(now), endTime: utc(now + 24 * kHour) },
    slots: [1, 2, 3].map((n) => ({ slotId: randomUUID(), startTime: utc(now + n * kHour), endTime: utc(now + (n + 0.5) * kHour), place: `Bay ${n}` })),
  });
}

// Presses the button of an act that the referral's page leads to.
async function act(page: Page, name: string, fill: () => Promise<void> = async () => undefined) {
  await page.getByRole('link', { name, exact: true }).click();
  await fill();
  await page.getByRole('button', { name, exact: true }).click();
  await expect(page.getByRole('status').or(page.getByRole('alert')).filter({ hasText: /./ }).first()).toHaveText('Recorded. The other side is told.');
}

test('a nurse refers from the open step, and a clinician who knows nothing of the force answers on a telephone', async ({ browser }) => {
  const begun = Date.now();
  const nurse = await as(browser, /Nia Evans/, '/worklist');
  const now = await serviceTime(nurse);
  const { family, subjectId } = await somebody(nurse, 'Sam');
  const later = await somebody(nurse, 'Alex');
  const [caseId, other] = await Promise.all([needlestick(nurse, subjectId, 53), needlestick(nurse, later.subjectId, 20)]);

  const phone = await as(browser, /Dr Ruth Adeyemi/, '/referrals', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  // What reaches the clinician's browser, however little of it is shown.
  const named: string[] = [];
  phone.on('response', async (response) => {
    if (!response.url().includes('/waymark.')) return;
    const body = await response.body().catch(() => Buffer.from(''));
    if (/\bdemo\b|police|constabulary/i.test(body.toString('latin1'))) named.push(response.url());
  });
  const unnamed = async () => expect(await phone.locator('body').innerText()).not.toMatch(/\bdemo\b|police|constabulary|\bforce\b|collar/i);
  await publish(phone, now);

  // Less is left of this need than of the other, which was sent first.
  const drafted = (await must(nurse, `${kReferral}/DraftReferral`, {
    requestId: randomUUID(),
    drafts: [
      {
        need: { pathway: 'bbv', caseId: other, stepKey: 'pep_start' },
        provider: { organisationCode: 'RX1', organisationName: 'City Hospital', carrier: 'CARRIER_WAYMARK' },
        service: 'CARE_SERVICE_EMERGENCY_DEPARTMENT',
        priority: 'PRIORITY_STAT',
        referrer: { practitionerName: 'A. Nurse', practitionerRole: 'Occupational health nurse', phone: '+441632960001' },
        consent: { basis: 'CONSENT_BASIS_EXPLICIT' },
      },
    ],
  })) as unknown as { receipts: { caseId: string }[] };
  await must(nurse, `${kReferral}/SendReferral`, { requestId: randomUUID(), caseId: drafted.receipts[0]!.caseId });

  await nurse.goto(`/cases/bbv/${caseId}`);
  const { title } = (await stepsOf(nurse, 'bbv', caseId)).find((one) => one.key === 'pep_start')!;
  await nurse.locator('.wm-step').getByRole('link', { name: title, exact: true }).click();
  await nurse.getByRole('link', { name: 'Refer to a provider' }).click();
  await nurse.getByRole('radio', { name: 'Emergency department' }).check();
  await nurse.getByRole('radio', { name: /City Hospital/ }).check();
  await nurse.getByRole('radio', { name: 'At once' }).check();
  await nurse.getByLabel('What do you ask of them?').fill('Please assess for PEP.');
  await nurse.getByLabel('Telephone that the provider can call').fill('+441632960001');
  await nurse.getByRole('radio', { name: 'Asked and agreed' }).check();
  await nurse.getByRole('button', { name: 'Show what leaves' }).click();
  const field = (name: string) => nurse.locator('.nhsuk-summary-list__row', { hasText: name });
  await expect(field('Name').first()).toContainText(family);
  await expect(field('What is needed')).toContainText(title);
  await expect(field('Employer')).toContainText('Withheld');
  await nurse.getByRole('button', { name: 'Draft the referral' }).click();
  await expect(nurse.getByText('Drafted. Nothing has left yet.')).toBeVisible();
  await act(nurse, 'Send');
  const id = new URL(nurse.url()).pathname.split('/').at(-1)!;

  await expect(async () => {
    await phone.goto('/referrals');
    await expect(phone.locator('.wm-referral', { hasText: family })).toBeVisible({ timeout: 1500 });
  }).toPass();
  const waits = await phone.locator('.wm-referral').allInnerTexts();
  expect(waits.findIndex((one) => one.includes(family))).toBeLessThan(waits.findIndex((one) => one.includes(later.family)));
  await expect(phone.locator('.wm-referral', { hasText: family })).toContainText(/Window shuts in 1[89] hours/);
  await unnamed();
  await phone.locator('.wm-referral', { hasText: family }).getByRole('link').click();
  await expect(phone.getByText('Please assess for PEP.')).toBeVisible();
  await unnamed();
  await act(phone, 'Accept');
  await act(phone, 'Book an appointment', async () => {
    await phone.getByRole('radio', { name: /Bay 2/ }).check();
    await expect(phone.getByText(/^This time is kept for you until/)).toBeVisible();
    await unnamed();
  });
  await expect(phone.getByText(/Bay 2/)).toBeVisible();
  await act(phone, 'Seen', () => phone.getByRole('radio', { name: 'Just now' }).check());
  await act(phone, 'Give the outcome', async () => {
    await phone.getByRole('button', { name: 'Add a treatment' }).click();
    await phone.getByRole('radio', { name: 'HIV PEP: first dose' }).check();
    await phone.getByRole('radio', { name: 'Just now' }).check();
    await phone.getByLabel('Summary for the referrer').fill('First dose given, for a month.');
    await unnamed();
  });
  await unnamed();
  expect(await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);

  await expect(async () => {
    await nurse.goto(`/referrals/${id}`);
    await expect(nurse.getByText('First dose given, for a month.')).toBeVisible({ timeout: 1500 });
  }).toPass();
  const happened = nurse.getByRole('region', { name: 'What has happened' });
  for (const state of ['Accepted', 'Booked', 'Seen', 'Outcome received']) await expect(happened.getByText(state, { exact: true })).toBeVisible();
  await expect(happened).toContainText(/Received by the provider|Referral handed over/);
  await expect(happened).toContainText('fields to RX1: asked and agreed');
  await expect(nurse.locator('.wm-next')).toContainText(/Window shuts in 1[89] hours/);
  await expect.poll(async () => (await stepsOf(nurse, 'bbv', caseId)).find((one) => one.key === 'pep_start')?.outcome?.ending).toMatch(/DONE/);
  await nurse.goto(`/cases/bbv/${caseId}`);
  await expect(nurse.getByText('Outcome received').first()).toBeVisible();
  expect(named, 'answers to the clinician that name the force').toEqual([]);
  console.log(`a referral to the NHS and back: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
});
