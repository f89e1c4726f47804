import { randomUUID } from 'node:crypto';
import type { Browser, Page } from '@playwright/test';
import { as, call, expect, find, somebody, test } from './ground';

test.setTimeout(180_000);

// The nurse of this file is another than that of the other walks: her sessions are ended here.
const kPhysician = /Dr Sam Okafor/;
const kUser = 'demo:physician';

async function draft(page: Page): Promise<string> {
  const { body } = await call(page, 'waymark.gateway.v1.DraftService/GetDraft', { form: 'log-bbv' });
  return (body as { draft?: { content: string } }).draft?.content ?? '';
}

async function signedOutByAnOperator(browser: Browser) {
  const operator = await as(browser, /Robin Clarke/);
  const answer = await call(operator, 'waymark.gateway.v1.GatewayService/EndSessions', { requestId: randomUUID(), userId: kUser });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect((answer.body as { endedCount?: number }).endedCount).toBeGreaterThan(0);
  await operator.context().close();
}

async function choose(page: Page) {
  const button = page.getByRole('button', { name: kPhysician });
  await expect(button.or(page.getByRole('button', { name: 'Sign out' }))).toBeVisible();
  if (await button.isVisible()) await button.click();
}

test('an expired session keeps the draft: in this window, in a new one, and over a reload', async ({ browser }) => {
  const page = await as(browser, kPhysician, '/log');
  await call(page, 'waymark.gateway.v1.DraftService/DeleteDraft', { requestId: randomUUID(), form: 'log-bbv' });
  await page.reload();
  const needle = page.getByRole('radio', { name: 'Needle', exact: true });
  const blood = page.getByRole('radio', { name: 'Blood', exact: true });
  await needle.check();
  await blood.check();
  await expect.poll(() => draft(page)).toContain('"at":"fluid"');

  // Everything is saved: going away to sign in and coming back is the same page and the same field.
  await signedOutByAnOperator(browser);
  await page.evaluate(() => void fetch('/auth/session'));
  await page.getByRole('radio', { name: '20 minutes ago' }).focus();
  await blood.focus();
  await page.getByRole('link', { name: 'Worklist' }).click();
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeVisible();
  await page.goBack();
  await page.goto('/log');
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await choose(page);
  await expect(page).toHaveURL(/\/log$/);
  await expect(page.getByText('What you typed before is here again.')).toBeVisible();
  await expect(needle).toBeChecked();
  await expect(blood).toBeChecked();
  await expect(blood).toBeFocused();

  // Typed after the end: only this page has it. Signing in beside it saves it.
  await signedOutByAnOperator(browser);
  await page.getByRole('radio', { name: '20 minutes ago' }).check();
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeVisible();
  await expect(page.getByText('What you typed last is on this page alone')).toBeVisible();
  const [beside] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'Sign in in a new window' }).click(),
  ]);
  await choose(beside);
  await expect(beside.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await beside.close();
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeHidden();
  await expect(page.getByRole('radio', { name: '20 minutes ago' })).toBeChecked();
  await expect.poll(() => draft(page)).toContain('"at":"when"');

  // Another device of the same person goes on there; anybody else sees nothing of it.
  const phone = await as(browser, kPhysician, '/log');
  await expect(phone.getByText('What you typed before is here again.')).toBeVisible();
  await expect(phone.getByRole('radio', { name: 'Blood', exact: true })).toBeChecked();
  await expect(phone.locator('[data-question=when]:focus-within')).toBeVisible();
  const nurse = await as(browser, /Nia Evans/, '/log');
  await expect(nurse.getByRole('radio', { name: 'Needle', exact: true })).toBeVisible();
  expect(await draft(nurse)).not.toContain('fluid');
  await call(page, 'waymark.gateway.v1.DraftService/DeleteDraft', { requestId: randomUUID(), form: 'log-bbv' });
});

test('an answer that is lost on the way makes one case and not two', async ({ browser }) => {
  const page = await as(browser, kPhysician, '/log/msk');
  const { family, subjectId } = await somebody(page, 'Lee');
  await find(page, family);
  let sent = 0;
  const ids = new Set<string>();
  await page.route('**/waymark.msk.v1.MskService/Log*', async (route) => {
    ids.add(route.request().postDataBuffer()!.toString('latin1').match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/)![0]);
    // The case is opened, and nobody hears of it.
    if (++sent === 1) {
      await route.fetch();
      return route.abort('connectionreset');
    }
    return route.continue();
  });
  const listed = async () => {
    const { status, body } = await call(page, 'waymark.msk.v1.MskService/ListCases', { subjectId });
    expect(status, JSON.stringify(body)).toBe(200);
    return (body as { cases?: unknown[] }).cases?.length ?? 0;
  };
  expect(await listed()).toBe(0);
  await page.getByRole('radio', { name: '1 hour ago' }).check();
  await page.getByRole('radio', { name: 'Low back' }).check();
  await page.getByRole('radio', { name: 'Restraint' }).check();
  await page.getByRole('radio', { name: 'Restricted duties' }).check();
  await page.getByRole('group', { name: 'What is there?' }).getByRole('checkbox', { name: 'None of these' }).check();
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByText('The case is open.')).toBeVisible();
  expect(sent).toBe(2);
  expect(ids.size, 'one request id').toBe(1);
  expect(await listed()).toBe(1);
});
