import { as, expect, test } from './ground';

test.setTimeout(120_000);

test('a nurse logs a muscle or bone injury and sees its path', async ({ browser }) => {
  const page = await as(browser, /Nia Evans/, '/log/msk');
  await page.locator('input[name=person]').fill('Nobodyhere');
  await page.locator('input[name=person]').press('Enter');
  await page.getByRole('button', { name: 'Go on without a record' }).click();
  const injury = page.getByRole('group', { name: 'Injury' });
  await injury.getByRole('group', { name: 'When did it happen?' }).getByRole('radio', { name: '1 hour ago' }).check();
  await injury.getByRole('radio', { name: 'Low back' }).check();
  await injury.getByRole('radio', { name: 'Restraint' }).check();
  await page.getByRole('group', { name: 'Jurisdiction' }).getByRole('radio', { name: 'England' }).check();
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByText('The case is open.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'The path' })).toBeVisible();
  await expect(page.locator('.wm-step').first()).toBeVisible();
});
