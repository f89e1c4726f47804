import { randomUUID } from 'node:crypto';
import { as, call, expect, serviceTime, test } from './ground';

test.setTimeout(180_000);

const kOfficer = '0190a000-0000-7000-8000-0000000000bb';

const kManager = '0190a000-0000-7000-8000-0000000000cc';

// Enters somebody under the subject id that they sign in with; does nothing the second time.
async function register(page: Parameters<typeof call>[0], subjectId: string, family: string, given: string) {
  await call(page, 'waymark.workforce.v1.WorkforceService/RegisterPerson', {
    requestId: randomUUID(),
    subjectId,
    name: { family, given },
    birthDate: { year: 1992, month: 3, day: 4 },
    workforceType: 'WORKFORCE_TYPE_OFFICER',
  });
}

// What happened to the officer, logged by the nurse; 200 however often the walk is run.
async function logged(page: Parameters<typeof call>[0]) {
  await register(page, kOfficer, 'Reid', 'Jamie');
  const civil = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'medium' })
    .format(new Date(Date.now() - 20 * 60_000))
    .replace(' ', 'T');
  const answer = await call(page, 'waymark.bbv.v1.BbvService/LogExposure', {
    requestId: randomUUID(),
    jurisdiction: 'JURISDICTION_ENGLAND',
    people: [{ subjectId: kOfficer, exposure: { incidentTime: { civil }, route: 'ROUTE_NEEDLESTICK', fluid: 'FLUID_BLOOD' } }],
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return (answer.body as unknown as { receipts: { caseId: string }[] }).receipts[0]!.caseId;
}

test('an officer sees what happens next and who looked, and changes how they are contacted', async ({ browser }) => {
  const nurse = await as(browser, /Nia Evans/);
  await logged(nurse);
  const page = await as(browser, /Jamie Reid/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My care');
  await expect(page.getByText('Assess the risk of blood-borne viruses').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Who looked at your record' })).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.locator('.wm-history')).toContainText('Occupational health nurse', { timeout: 2000 });
  }).toPass({ timeout: 20_000 });
  await page.screenshot({ path: '../../build/console-shots/walk-officer-1280.png', fullPage: true });
  await page.getByRole('link', { name: 'Choose how you are contacted' }).click();
  const routes = page.getByRole('group', { name: 'How may we reach you?' });
  await routes.getByRole('checkbox', { name: 'Personal email' }).setChecked(true);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(async () => {
    await page.reload();
    await expect(routes.getByRole('checkbox', { name: 'Personal email' })).toBeChecked({ timeout: 2000 });
  }).toPass({ timeout: 10_000 });
});

test('a nurse states fitness, the officer accepts it, and the manager sees that and nothing else', async ({ browser }) => {
  const nurse = await as(browser, /Nia Evans/);
  const caseId = await logged(nurse);
  await register(nurse, kManager, 'Hughes', 'Tom');
  const lead = await as(browser, /Priya Shah/);
  const employed = await call(lead, 'waymark.workforce.v1.WorkforceService/RecordEmployment', {
    requestId: randomUUID(),
    subjectId: kOfficer,
    employment: {
      forceCode: 'demo',
      employeeNumber: '900001',
      workforceType: 'WORKFORCE_TYPE_OFFICER',
      rankBand: 'RANK_BAND_CONSTABLE_TO_SERGEANT',
      roleFamily: 'ROLE_FAMILY_RESPONSE',
      managerSubjectId: kManager,
      ftePercent: 100,
      state: 'EMPLOYMENT_STATE_WORKING',
    },
    fromDate: { year: 2020, month: 1, day: 6 },
  });
  // The same employee number again is the same employment: a walk may be run twice.
  expect([200, 409], JSON.stringify(employed.body)).toContain(employed.status);

  await nurse.goto(`/cases/bbv/${caseId}`);
  await nurse.getByRole('link', { name: 'State fitness for duty' }).click();
  await nurse.getByRole('radio', { name: 'Fit with adjustments' }).check();
  const dates = async (question: string, [day, month, year]: string[]) => {
    const group = nurse.getByRole('group', { name: question });
    await group.getByLabel('Day').fill(day!);
    await group.getByLabel('Month').fill(month!);
    await group.getByLabel('Year').fill(year!);
  };
  const now = await serviceTime(nurse);
  const day = (later: number) => new Date(now + later * 86_400_000).toISOString().slice(0, 10).split('-').reverse();
  await dates('From which day?', day(0));
  await dates('When is it to be reviewed?', day(60));
  await nurse.locator('summary', { hasText: 'Not to be asked of them' }).click();
  await nurse.getByRole('radio', { name: 'Night work' }).check();
  await nurse.getByRole('button', { name: 'Give it to the officer' }).click();
  await expect(nurse.getByText('Recorded.', { exact: true })).toBeVisible();

  const page = await as(browser, /Tom Hughes/, '/my-staff');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/My staff/);
  await expect(page.getByRole('heading', { name: /Reid/ })).toBeVisible();

  const officer = await as(browser, /Jamie Reid/);
  await officer.getByRole('button', { name: 'Accept: it may be sent' }).first().click();
  await expect(officer.getByText('Your employer has this.').first()).toBeVisible();

  await page.reload();
  const card = page.getByRole('listitem').filter({ hasText: 'Reid' });
  await expect(card).toContainText('Fit with adjustments');
  await expect(card).toContainText('Night work');
  await expect(card).not.toContainText(/blood|exposure|HIV/i);
  await page.goto(`/cases/bbv/${caseId}`);
  await expect(page.getByRole('heading', { name: 'You may not see this page' })).toBeVisible();
  const answer = await call(page, 'waymark.bbv.v1.BbvService/GetCase', { caseId });
  expect(answer.status).toBe(403);
  expect(JSON.stringify(answer.body)).not.toContain('exposure');
});

test('an auditor verifies a proof in the browser', async ({ browser }) => {
  const nurse = await as(browser, /Nia Evans/);
  await logged(nurse);
  const page = await as(browser, /Morgan Lee/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
  await expect(async () => {
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('.wm-history a').last().click({ timeout: 2000 });
  }).toPass({ timeout: 20_000 });
  await expect(page.getByRole('heading', { name: 'The proof holds' })).toBeVisible();
  await page.screenshot({ path: '../../build/console-shots/walk-proof-1280.png', fullPage: true });
  const key = page.getByLabel('Key of the log');
  const value = await key.inputValue();
  await key.fill(value.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
  await expect(page.getByRole('heading', { name: 'The proof does not hold' })).toBeVisible();
});

test('an officer asks for help, occupational health has it, and the manager does not learn of it', async ({ browser }) => {
  const nurse = await as(browser, /Nia Evans/);
  await register(nurse, kOfficer, 'Reid', 'Jamie');
  const officer = await as(browser, /Jamie Reid/);
  await officer.getByRole('link', { name: 'Ask for help' }).click();
  const words = `I do not sleep, ${randomUUID().slice(0, 8)}.`;
  await officer.getByLabel('What would you like help with?').fill(words);
  await officer.getByRole('group', { name: /afraid for your own safety/ }).getByRole('radio', { name: 'No', exact: true }).check();
  await officer.getByRole('button', { name: 'Ask for help' }).click();
  await expect(officer.getByRole('heading', { name: 'Logged' })).toBeVisible();
  await expect(officer.getByText(/Occupational health is in touch by/)).toBeVisible();
  await officer.getByRole('link', { name: 'My care' }).first().click();
  await expect(officer.getByRole('heading', { name: 'Mental health' }).first()).toBeVisible();

  const found = await call(nurse, 'waymark.mental_health.v1.MentalHealthService/ListCases', { pageSize: 5, subjectId: kOfficer });
  const opened = (found.body as unknown as { cases: { header: { caseId: string }; referral?: { reason: string } }[] }).cases.find((one) => one.referral?.reason === words);
  expect(opened).toBeDefined();
  await nurse.goto(`/cases/mental_health/${opened!.header.caseId}`);
  await expect(nurse.getByText('Acknowledge the referral').first()).toBeVisible();

  const manager = await as(browser, /Tom Hughes/, '/my-staff');
  await manager.goto(`/cases/mental_health/${opened!.header.caseId}`);
  await expect(manager.getByRole('heading', { name: 'You may not see this page' })).toBeVisible();
  for (const [method, request] of [['GetCase', { caseId: opened!.header.caseId }], ['ListCases', { subjectId: kOfficer }]] as const) {
    const answer = await call(manager, `waymark.mental_health.v1.MentalHealthService/${method}`, request);
    expect(answer.status).toBe(403);
    expect(JSON.stringify(answer.body)).not.toContain('sleep');
  }
});
