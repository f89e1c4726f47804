import { as, close, expect, find, record, recorded, somebody, stepsOf, test, waiveTheRest } from './ground';

test.setTimeout(300_000);

const idOf = (url: string) => url.split('/').at(-1)!;

test('a nurse logs an injury of muscle or bone and works it to its closing', async ({ browser }) => {
  const page = await as(browser, /Nia Evans/, '/log/msk');
  const { family } = await somebody(page, 'Sam');
  await find(page, family);
  await page.getByRole('radio', { name: '1 hour ago' }).check();
  await page.getByRole('radio', { name: 'Low back' }).check();
  await page.getByRole('radio', { name: 'Restraint' }).check();
  await page.getByRole('radio', { name: 'Restricted duties' }).check();
  // Without the red flags the path begins with asking for them; with them, with the triage.
  await expect(page.getByRole('complementary')).toContainText('Ask for the red flags');
  await page.getByRole('group', { name: 'What is there?' }).getByRole('checkbox', { name: 'None of these' }).check();
  await expect(page.getByRole('complementary')).toContainText('Triage');
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByText('The case is open.')).toBeVisible();
  const id = idOf(page.url());

  await record(page, 'msk', id, 'triage', async () => {
    await page.getByRole('radio', { name: 'Just now' }).check();
    await page.getByRole('radio', { name: 'Low back pain without a specific cause' }).check();
    await page.getByRole('radio', { name: 'Restricted duties' }).check();
    await page.getByRole('group', { name: 'Is physiotherapy needed?' }).getByRole('radio', { name: 'Yes' }).check();
  });
  await record(page, 'msk', id, 'msk_hq_baseline', async () => {
    await page.getByRole('radio', { name: 'Just now' }).check();
    await page.getByRole('radiogroup', { name: 'Item 1', exact: true }).getByRole('radio').first().focus();
    for (const key of '22222222222222') await page.keyboard.press(key);
  });
  await record(page, 'msk', id, 'start_back', async () => {
    await page.getByRole('radio', { name: 'Just now' }).check();
    await page.getByRole('radiogroup', { name: 'Item 1', exact: true }).getByRole('radio').first().focus();
    for (const key of '11010100') await page.keyboard.press(key);
    await page.getByRole('radio', { name: 'Moderately' }).check();
  });
  await expect(page.getByRole('article', { name: /MSK-HQ/ }).getByRole('cell', { name: '28', exact: true })).toBeVisible();
  await record(page, 'msk', id, 'physiotherapy_request', async () => {
    await expect(page.getByRole('radio', { name: 'Physiotherapy' })).toBeChecked();
    await page.getByRole('group', { name: 'Who gives it?' }).getByRole('radio', { name: 'Occupational health' }).check();
    await page.getByRole('radio', { name: 'Just now' }).check();
  });
  await waiveTheRest(page, 'msk', id, 'Recovered, and back on full duties.');
  await close(page, 'msk', id);
});

test('a nurse logs a traumatic incident of two officers and works one case to its closing', async ({ browser }) => {
  const page = await as(browser, /Nia Evans/, '/log/mental_health');
  const [first, second] = [await somebody(page, 'Alex'), await somebody(page, 'Kit')];
  await page.getByRole('radio', { name: '2 hours ago' }).check();
  await page.getByRole('radio', { name: 'Fatal collision' }).check();
  await expect(page.getByRole('complementary')).toContainText('TRiM');
  await find(page, first.family);
  await page.getByRole('group', { name: new RegExp(first.family) }).getByRole('radio', { name: 'First on the scene' }).check();
  await find(page, second.family);
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByText('2 cases')).toBeVisible();
  await page.getByRole('listitem').filter({ hasText: first.family }).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'The path' })).toBeVisible();
  const id = idOf(page.url());

  await record(page, 'mental_health', id, 'same_shift_contact', async () => {
    await expect(page.getByRole('radio', { name: 'First contact in the same shift' })).toBeChecked();
    await page.getByRole('radio', { name: '1 hour ago' }).check();
  });
  await record(page, 'mental_health', id, 'decompression', async () => {
    await page.getByRole('radio', { name: 'Just now' }).check();
    await page.getByLabel('For how many minutes?').fill('60');
  });
  await record(page, 'mental_health', id, 'trim_offer', async () => {
    await page.getByRole('radio', { name: 'Just now' }).check();
  });
  await page.goto(`/cases/mental_health/${id}/record-trim`);
  await page.getByRole('radio', { name: 'TRiM was declined' }).check();
  await page.getByRole('radio', { name: 'Just now' }).check();
  await recorded(page);
  expect((await stepsOf(page, 'mental_health', id)).filter((step) => /^trim_(assessment|one|three)/.test(step.key) && !step.outcome)).toEqual([]);

  await page.goto(`/cases/mental_health/${id}/record-measures`);
  await page.getByRole('checkbox', { name: /GAD-7/ }).check();
  await page.getByRole('radio', { name: 'Just now' }).check();
  await page.getByRole('radiogroup', { name: 'Item 1', exact: true }).getByRole('radio').first().focus();
  for (const key of '1111110') await page.keyboard.press(key);
  await recorded(page);
  await expect(page.getByRole('article', { name: /GAD-7/ })).toContainText('Mild');
  await waiveTheRest(page, 'mental_health', id, 'Well supported; no symptoms.');
  await close(page, 'mental_health', id);
});

test('a nurse logs a tooth knocked out and works the case to its closing', async ({ browser }) => {
  const page = await as(browser, /Nia Evans/, '/log/dental');
  const { family } = await somebody(page, 'Jo');
  await find(page, family);
  await page.getByRole('radio', { name: '20 minutes ago' }).check();
  await page.getByRole('radio', { name: 'Kick' }).check();
  await page.getByRole('group', { name: 'Is any of this there?' }).getByRole('checkbox', { name: 'None of these' }).check();
  await page.getByRole('button', { name: 'Tooth 21' }).click();
  const tooth = page.getByRole('group', { name: 'Tooth 21' });
  await tooth.getByRole('checkbox', { name: 'Knocked out' }).check();
  await tooth.getByRole('radio', { name: 'Milk' }).check();
  await tooth.getByLabel('Minutes dry, out of the mouth').fill('5');
  await expect(page.getByRole('complementary')).toContainText('Put the tooth back (21)');
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByText('The case is open.')).toBeVisible();
  const id = idOf(page.url());

  await record(page, 'dental', id, 'dental_contact_emergency', async () => {
    await expect(page.getByRole('radio', { name: 'Dentist', exact: true })).toBeChecked();
    await page.getByRole('radio', { name: 'Just now' }).check();
  });
  await record(page, 'dental', id, 'replant', async () => {
    await expect(page.getByRole('button', { name: 'Tooth 21' })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('radio', { name: 'The tooth was put back' })).toBeChecked();
    await page.getByRole('radio', { name: 'Just now' }).check();
  });
  await expect(page.getByRole('heading', { name: 'Visits that serve several steps' })).toBeVisible();
  await waiveTheRest(page, 'dental', id, 'Followed by the hospital from here.');
  await close(page, 'dental', id);
});
