import { randomUUID } from 'node:crypto';
import { as, call, expect, test } from './ground';

test.setTimeout(180_000);

const kOfficer = '0190a000-0000-7000-8000-0000000000bb';

// What happened to the officer, logged by the nurse; 200 however often the walk is run.
async function logged(page: Parameters<typeof call>[0]) {
  await call(page, 'waymark.workforce.v1.WorkforceService/RegisterPerson', {
    requestId: randomUUID(),
    subjectId: kOfficer,
    name: { family: 'Reid', given: 'Jamie' },
    birthDate: { year: 1992, month: 3, day: 4 },
    workforceType: 'WORKFORCE_TYPE_OFFICER',
  });
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

test('a manager sees fitness only and is refused the case', async ({ browser }) => {
  const nurse = await as(browser, /Nia Evans/);
  const caseId = await logged(nurse);
  const page = await as(browser, /Tom Hughes/, '/my-staff');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/My staff/);
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
