import { test as base } from '@playwright/test';
import { clean, expect, fits, kFresh, kLate, kLong, test } from './ground';

const kDist = process.env.WAYMARK_DIST_PORT ?? '4174';

// Every page and state: clean by axe, in one column at 320 px, and at 200 % of 1280 px.
const pages: [name: string, path: string, shows: RegExp][] = [
  ['sign-in', '/worklist?as=nobody', /Sign in to Waymark/],
  ['unreachable', '/worklist?as=unreachable', /cannot be reached/],
  ['forbidden', '/audit?as=nurse', /You may not see this page/],
  ['not found', '/nowhere', /Page not found/],
  ['worklist', '/worklist', /Live/],
  ['worklist, empty', '/worklist?tab=closed', /Nothing to do here/],
  ['worklist, offline', '/worklist?fail=offline', /Reconnecting|Connecting/],
  ['cover', '/worklist/cover', /Cover in force/],
  ['log an exposure', '/log', /The path so far/],
  ['cases', '/cases', /Rhys Evans/],
  ['case, fresh', kFresh, /Assess the risk/],
  ['case, late', kLate, /days? .*late/],
  ['case, long', kLong, /Negative/],
  ['case, gone', '/cases/bbv/00000000-0000-4000-8000-000000000000', /Page not found/],
  ['act', `${kFresh}/record-risk-assessment?step=risk_assessment`, /When was it assessed/],
  ['act with choices', `${kFresh}/record-pep?step=pep_start`, /What happened/],
  ['results', `${kLong}/record-test-result?step=test_3_months`, /When was the blood taken/],
  ['audit', '/audit?as=auditor', /Entries under the newest/],
  ['proof', '/audit/proof/2?as=auditor', /The proof holds/],
  ['my care', '/my-care?as=officer', /Who looked at your record/],
  ['contact', '/my-care/contact?as=officer', /How may we reach you/],
  ['my staff', '/my-staff?as=manager', /Fit with adjustments/],
  ['protocols', '/protocols', /Not signed off/],
  ['feed', '/feed?as=hr', /Held by the brake/],
  ['feed run', '/feed?run=run-3&as=lead', /812 of 7190/],
  ['health', '/health?as=operator', /Lateness of the last rung/],
  ['log an injury', '/log/msk', /Log an injury/],
  ['log a dental injury', '/log/dental', /Log a dental injury/],
  ['log mental health', '/log/mental_health', /Log a traumatic incident/],
  ['telling', `${kLong}/record-result-told?step=tell_6_weeks`, /Which results were told/],
];

for (const [name, path, shows] of pages) {
  test(`the page "${name}" is accessible and fits narrow screens`, async ({ page }) => {
    await page.goto(path);
    await expect(page.locator('body')).toContainText(shows);
    await clean(page);
    await fits(page, 640);
    await fits(page, 320);
    await clean(page);
  });
}

test('the pages are Welsh through and through when Welsh is chosen', async ({ page }) => {
  await page.goto('/worklist');
  await page.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Rhestr waith');
  await expect(page.locator('html')).toHaveAttribute('lang', 'cy');
  await page.getByRole('link', { name: 'Cofnodi digwyddiad' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cofnodi cysylltiad â gwaed');
  await clean(page);
});

// What is really served, not the build with services in memory: who is signed in is made up here.
base('the first page comes with less than 200 kB', async ({ page }) => {
  await page.route('**/auth/session', (route) =>
    route.fulfill({ json: { signed_in: true, user_id: 'nurse', name: 'Nurse', tenant: 'demo', roles: ['OH_NURSE'], csrf_token: 'x' } }),
  );
  const sizes: Promise<[string, number]>[] = [];
  page.on('requestfinished', (request) => {
    if (request.url().includes(`:${kDist}/`) && !request.url().includes('/auth/') && !request.url().includes('/waymark.')) {
      sizes.push(request.sizes().then((size) => [request.url(), size.responseBodySize] as [string, number]));
    }
  });
  await page.goto(`http://127.0.0.1:${kDist}/worklist`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Worklist');
  await page.waitForLoadState('networkidle');
  const bytes = (await Promise.all(sizes)).reduce((sum, [, size]) => sum + size, 0);
  console.log(`first load: ${Math.round(bytes / 1000)} kB compressed in ${sizes.length} files`);
  expect(sizes.length).toBeGreaterThan(4);
  expect(bytes).toBeLessThan(200_000);
});

test('nothing that was shown or typed stays in the browser', async ({ page }) => {
  await page.goto('/log');
  await page.getByLabel('Who was exposed?').fill('4471');
  await page.getByLabel('Who was exposed?').press('Enter');
  await expect(page.getByText('Rhys Evans')).toBeVisible();
  const kept = await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, document.cookie]);
  expect(kept).toEqual([0, 0, 0, '']);
});
