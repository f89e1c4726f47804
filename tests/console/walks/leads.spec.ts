import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { as, call, expect, serviceTime, test } from './ground';

test.setTimeout(90_000);

test('a lead’s counts are the list and the export, and a step is claimed, held and handed over', async ({ browser }) => {
  const nurse = await as(browser, /Nia Evans/);
  const civil = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'medium' }).format(new Date((await serviceTime(nurse)) - 3_600_000)).replace(' ', 'T');
  const logged = await call(nurse, 'waymark.bbv.v1.BbvService/LogExposure', {
    requestId: randomUUID(),
    jurisdiction: 'JURISDICTION_ENGLAND',
    people: [{ subjectId: randomUUID(), exposure: { incidentTime: { civil }, route: 'ROUTE_NEEDLESTICK', fluid: 'FLUID_BLOOD' } }],
  });
  expect(logged.status, JSON.stringify(logged.body)).toBe(200);
  const { caseId } = (logged.body as unknown as { receipts: { caseId: string }[] }).receipts[0]!;
  const ref = caseId.slice(0, 8).toUpperCase();

  const page = await as(browser, /Priya Shah/, '/worklist');
  await expect(page.getByText('Live')).toBeVisible();
  // The plan travels from the pathway to scheduling.
  await expect.poll(async () => {
    const { body } = await call(page, 'waymark.scheduling.v1.SchedulingService/ListWorklist', { filter: { caseId } });
    return Number((body as unknown as { totalCount?: string }).totalCount ?? 0);
  }, { timeout: 30_000 }).toBeGreaterThan(3);
  await page.reload();
  await expect(page.getByText('Live')).toBeVisible();
  const all = page.getByRole('link', { name: /All open/ });
  await expect(all).toContainText(/\d/);
  const counted = Number((await all.innerText()).replace(/\D/g, ''));
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export this list (CSV)' }).click();
  const lines = (await readFile(await (await waiting).path(), 'utf8')).trim().split('\r\n');
  expect(lines.length - 1).toBe(counted);
  expect(lines.filter((line) => line.includes(ref)).length).toBeGreaterThan(3);
  await expect(page.getByText(new RegExp(`(of ${counted.toLocaleString('en-GB')}|${counted}) steps`)).first()).toBeVisible();

  // The nurse finds the step on the path of the case, and hands the case over.
  await nurse.goto(`/cases/bbv/${caseId}/assign-case`);
  const { user_id } = await nurse.evaluate(async () => (await (await fetch('/auth/session')).json()) as { user_id: string });
  await nurse.getByLabel('User name of the clinician').fill(user_id);
  await nurse.getByRole('button', { name: 'Record', exact: true }).click();
  await expect(nurse.getByText('Recorded.', { exact: true })).toBeVisible();
  await nurse.goto('/worklist?mine=1');
  const row = nurse.getByRole('row').filter({ hasText: ref }).first();
  await row.getByRole('button', { name: /^Claim/ }).click();
  const mine = nurse.getByRole('row').filter({ hasText: ref }).filter({ hasText: 'You' }).first();
  await mine.locator('summary').click();
  await mine.getByRole('button', { name: '30 minutes' }).click();
  await expect(mine).toContainText('Reminders held until');
});

test('a lead keeps the rota and sees how deadlines are kept', async ({ browser }) => {
  const page = await as(browser, /Priya Shah/, '/rota');
  await expect(page.getByText('The force is live')).toBeVisible();
  await expect(page.getByText('demo-oh-nurse').first()).toBeVisible();
  const who = `locum-${randomUUID().slice(0, 8)}`;
  await page.getByRole('radio', { name: 'Occupational health physician' }).check();
  await page.getByLabel('Who', { exact: true }).fill(who);
  await page.getByLabel('Until').fill('2035-01-01T08:00');
  await page.getByLabel('Work email address').first().fill(`${who}@demo.police.localhost`);
  await page.getByRole('button', { name: 'Put on the rota' }).click();
  await expect(page.getByRole('button', { name: `Take ${who} off the rota` })).toBeVisible();
  await page.getByRole('button', { name: `Take ${who} off the rota` }).click();
  await expect(page.getByRole('button', { name: `Take ${who} off the rota` })).toHaveCount(0);

  await page.getByRole('link', { name: 'Deadlines kept' }).click();
  await page.getByRole('link', { name: 'The last year' }).click();
  await expect(page.getByRole('rowheader', { name: 'Blood: assessed within an hour' })).toBeVisible();
});
