import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { clean, expect, fits, test } from './ground';

const kMental = '/cases/mental_health/3e470000-0000-4000-8000-000000000004';
const kMsk = '/cases/msk/35500000-0000-4000-8000-000000000005';
const kDental = '/cases/dental/de470000-0000-4000-8000-000000000006';

const pages: [name: string, path: string, shows: RegExp][] = [
  ['worklist of a lead', '/worklist?pathways=all&as=lead', /Export this list/],
  ['case, mental health', kMental, /Scores over time/],
  ['case, muscle or bone', kMsk, /MSK-HQ/],
  ['case, teeth', kDental, /Visits that serve several steps/],
  ['questionnaires', `${kMental}/record-measures?step=treatment_review`, /PHQ-9/],
  ['TRiM', `${kMental}/record-trim?step=trim_three_months%231`, /Item 10/],
  ['safety plan', `${kMental}/record-safety-plan`, /Warning signs/],
  ['score', `${kMsk}/record-score?step=msk_hq_6_weeks`, /Item 14/],
  ['red flags', `${kMsk}/record-red-flags`, /Numb between the legs/],
  ['care of a tooth', `${kDental}/record-tooth-care?step=splint_removal_2_weeks%2321`, /Which teeth/],
  ['another version of the protocol', `${kMsk}/adopt-protocol?as=physician`, /there is no other/],
  ['rota', '/rota?as=lead', /On duty now/],
  ['deadlines kept', '/compliance?as=lead', /92 %/],
  ['asking for help', '/my-care/help?as=officer', /Say as much or as little/],
  ['stating fitness', `${kMental}/issue-fitness`, /The officer reads it first/],
  ['rota, forbidden', '/rota?as=nurse', /You may not see this page/],
  ['rota, offline', '/rota?as=lead&fail=offline', /cannot be reached/],
  ['deadlines kept, refused', '/compliance?as=lead&fail=forbidden', /You may not see this page/],
  ['case, offline', `${kMsk}?fail=offline`, /cannot be reached/],
  ['log, offline', '/log/dental?fail=offline', /Log a dental injury/],
  ['case, gone', '/cases/dental/00000000-0000-4000-8000-000000000000', /Page not found/],
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

// Goes on with the keyboard until the control has the focus.
async function tabTo(page: Page, target: Locator, most = 80) {
  for (let i = 0; i < most; ++i) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

test('every score that is drawn stands in a table beside it, with its band and its change', async ({ page }) => {
  await page.goto(kMental);
  const phq9 = page.getByRole('article', { name: /PHQ-9/ });
  await expect(phq9.getByRole('img')).toHaveAccessibleName('PHQ-9 (depression): 4 times, from 17 to 6 of 27. Mild');
  await expect(phq9.getByRole('row').last()).toContainText(/6\s*Mild\s*−11\s*Reliably better/);
  await expect(phq9.getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('article', { name: /PCL-5/ })).toContainText('not read: filled in too early');
  for (const name of [/GAD-7/, /PCL-5/, /ITQ/, /TSQ/, /IES-R/]) await expect(page.getByRole('article', { name }).getByRole('table')).toBeVisible();
  await page.goto(kMsk);
  await expect(page.getByRole('article', { name: /MSK-HQ/ })).toContainText('Better by a change that matters');
  await expect(page.getByRole('article', { name: /MSK-HQ/ })).toContainText('Higher is better.');
  for (const name of [/STarT Back/, /rebro/]) await expect(page.getByRole('article', { name }).getByRole('table')).toBeVisible();
});

test('a case shows what was sent for it, with its state, its time left and what left with it', async ({ page }) => {
  await page.goto(kMsk);
  const sent = page.getByRole('region', { name: 'Referrals' }).getByRole('listitem').first();
  await expect(sent).toContainText('Physiotherapy begins to Northern physiotherapy service');
  await expect(sent).toContainText('Booked');
  await expect(sent).toContainText(/days.* left/);
  await expect(sent).toContainText('3 fields were disclosed to RT123: asked and agreed');
});

test('nothing moves for those who ask for less motion', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const path of ['/worklist', kMental, '/log/dental']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')].filter((element) => {
        const style = getComputedStyle(element);
        return style.animationName !== 'none' || !['0s', ''].includes(style.transitionDuration.split(',')[0]!);
      }).length,
    );
    expect(moving, path).toBe(0);
  }
});

test('one traumatic incident opens a case for each officer', async ({ page }) => {
  await page.goto('/log/mental_health');
  await page.getByRole('radio', { name: '1 hour ago' }).check();
  await page.getByRole('radio', { name: 'Fatal collision' }).check();
  await expect(page.getByRole('complementary')).toContainText('Make TRiM contact and offer TRiM');
  for (const collar of ['4471', '2210']) {
    const find = page.locator('input[name=person]');
    await find.fill(collar);
    await find.press('Enter');
    await expect(page.getByRole('button', { name: new RegExp(`Take .* off`) })).toHaveCount(collar === '4471' ? 1 : 2);
  }
  await page.getByRole('group', { name: /Carys Jones/ }).getByRole('radio', { name: 'First on the scene' }).check();
  await clean(page);
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByText('2 cases')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Rhys Evans' }).getByRole('link')).toBeVisible();
  await clean(page);
});

test('a self-referral and a management referral each ask their own questions', async ({ page }) => {
  await page.goto('/log/mental_health');
  await page.getByRole('radio', { name: 'An officer asks for help' }).check();
  await expect(page.getByText('Did the officer agree to be referred?')).toBeHidden();
  await expect(page.getByText('What happened?')).toBeHidden();
  await page.getByRole('radio', { name: 'Somebody refers an officer' }).check();
  await expect(page.getByText('Did the officer agree to be referred?')).toBeVisible();
  await expect(page.getByRole('group', { name: 'Who refers?' }).getByRole('radio')).toHaveCount(3);
  await page.getByRole('button', { name: 'Log it' }).click();
  const summary = page.locator('.nhsuk-error-summary');
  await expect(summary).toBeFocused();
  await expect(summary).toContainText('Say who it is about');
  await summary.getByRole('link', { name: /Why are they referred/ }).click();
  await expect(page.getByLabel('Why are they referred?')).toBeFocused();
});

test('teeth are chosen in the mouth, and each is asked only what its injury makes matter', async ({ page }) => {
  await page.goto('/log/dental');
  await page.locator('input[name=person]').fill('4471');
  await page.locator('input[name=person]').press('Enter');
  await page.getByRole('radio', { name: '20 minutes ago' }).check();
  await page.getByRole('radio', { name: 'Kick' }).check();
  await page.getByRole('group', { name: 'Is any of this there?' }).getByRole('checkbox', { name: 'None of these' }).check();
  await page.getByRole('button', { name: 'Tooth 21' }).press('Space');
  await page.getByRole('button', { name: 'Tooth 11' }).press('Space');
  const [first, second] = [page.getByRole('group', { name: 'Tooth 21' }), page.getByRole('group', { name: 'Tooth 11' })];
  await first.getByRole('checkbox', { name: 'Knocked out' }).check();
  await second.getByRole('checkbox', { name: 'Loose, not displaced' }).check();
  await first.getByLabel('Minutes dry, out of the mouth').fill('12');
  await first.getByRole('radio', { name: 'Milk' }).check();
  await expect(second.getByLabel('Minutes dry, out of the mouth')).toHaveCount(0);
  await expect(page.getByRole('complementary')).toContainText('Put the tooth back (21)');
  await clean(page);
  await page.getByRole('button', { name: 'Log it' }).click();
  await expect(page.getByText('The case is open.')).toBeVisible();
});

test('an injury of muscle or bone is logged by keyboard alone', async ({ page }) => {
  await page.goto('/log/msk');
  await page.locator('input[name=person]').focus();
  let presses = 0;
  const press = async (key: string, question?: string) => {
    if (question) await expect(page.locator('[data-question]:focus-within').first()).toContainText(question);
    await page.keyboard.press(key);
    ++presses;
  };
  for (const key of ['4', '4', '7', '1', 'Enter']) await press(key);
  await press('3', 'When did it happen?');
  await press('3', 'What is hurt?');
  await press('5', 'How did it come about?');
  await press('2', 'What can they do at work?');
  await press('1', 'Was it on duty?');
  await expect(page.getByRole('complementary')).toContainText('Ask for the red flags');
  const none = page.getByRole('group', { name: 'What is there?' }).getByRole('checkbox', { name: 'None of these' });
  await tabTo(page, none);
  await page.keyboard.press('Space');
  await tabTo(page, page.getByRole('button', { name: 'Log it' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('The case is open.')).toBeVisible();
});

test('questionnaires are copied digit by digit, and blanks are allowed but not forgotten', async ({ page }) => {
  await page.goto(`${kMental}/record-measures?step=treatment_review`);
  await expect(page.getByRole('checkbox', { name: /PHQ-9/ })).toBeChecked();
  await page.getByRole('radio', { name: 'Just now' }).check();
  await page.getByRole('radiogroup', { name: 'Item 1' }).first().getByRole('radio').first().focus();
  for (const key of ['1', '1', '0', '2', '1', '0', '1', '0', '-']) await page.keyboard.press(key);
  await expect(page.getByRole('radiogroup', { name: /Item 9/ }).getByRole('radio', { name: 'Blank' })).toBeChecked();
  await page.getByRole('button', { name: 'Record the answers' }).click();
  await expect(page.getByText('Answer every item')).toBeVisible();
  await page.getByRole('group', { name: /GAD-7/ }).getByRole('radiogroup', { name: 'Item 1' }).getByRole('radio').first().focus();
  for (const key of ['1', '1', '0', '2', '1', '0', '1']) await page.keyboard.press(key);
  await expect(page.getByRole('button', { name: 'Record the answers' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Recorded.', { exact: true })).toBeVisible();
});

test('a task of each pathway opens its exact form, filled in with what the step is about', async ({ page }) => {
  await page.goto(kDental);
  await page.getByRole('link', { name: 'Begin root canal treatment (21)' }).click();
  await expect(page.getByRole('button', { name: 'Tooth 21' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('radio', { name: 'Root canal treatment began' })).toBeChecked();
  await page.goto(`${kMental}?pathways=all`);
  await page.getByRole('link', { name: 'TRiM third contact at three months (1)' }).click();
  await expect(page.getByRole('radio', { name: 'At three months' })).toBeChecked();
  await expect(page.getByRole('group', { name: 'Which incident?' }).getByRole('radio')).toBeChecked();
  await page.goto(kMsk);
  await page.getByRole('link', { name: /^MSK-HQ again/ }).click();
  await expect(page.getByRole('radio', { name: 'MSK-HQ' })).toBeChecked();
});

test('the form of an act says what is missing before anything is sent', async ({ page }) => {
  await page.goto(`${kMsk}/record-triage`);
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  const summary = page.locator('.nhsuk-error-summary');
  await expect(summary).toBeFocused();
  await expect(summary.getByRole('link')).toHaveCount(4);
  await clean(page);
  await page.getByRole('radio', { name: 'Bruise' }).check();
  await expect(summary.getByRole('link')).toHaveCount(3);
});

test('what is exported is exactly the list', async ({ page }) => {
  await page.goto('/worklist?as=lead&tab=overdue&steps=120');
  await expect(page.getByText(/steps\. That is all of them\./)).toBeVisible();
  const counted = Number((await page.getByRole('link', { name: /Overdue/ }).innerText()).replace(/\D/g, ''));
  expect(counted).toBeGreaterThan(40);
  const titles = await page.getByRole('row').locator('.wm-line__title').allInnerTexts();
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export this list (CSV)' }).click();
  const lines = (await readFile(await (await waiting).path(), 'utf8')).trim().split('\r\n');
  expect(lines.length - 1).toBe(counted);
  await expect(page.getByText(`${counted} steps exported.`)).toBeVisible();
  expect(lines.slice(1, 6).map((line) => line.split(',')[0]!.replaceAll('"', ''))).toEqual(titles.slice(0, 5).map((title) => title.split(',')[0]));
});

test('names are asked for in one call a page, and a name that may not be seen is a dash', async ({ page }) => {
  await page.goto('/worklist?pathways=all');
  await expect(page.getByText('Rhys Evans, 4471').first()).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toContainText(/Jones/);
});

test('a nurse works the list by keyboard alone: claims, holds the reminders, and gives back', async ({ page }) => {
  await page.goto('/worklist');
  await expect(page.getByText('Live')).toBeVisible();
  const row = page.getByRole('row').nth(1);
  await tabTo(page, row.getByRole('button', { name: /^Claim/ }));
  await page.keyboard.press('Enter');
  await expect(row).toContainText('You');
  await tabTo(page, row.locator('summary'));
  await page.keyboard.press('Enter');
  await tabTo(page, row.getByRole('button', { name: '1 hour' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'reminders held until' })).toHaveCount(1);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await tabTo(page, row.getByRole('button', { name: /^Give back/ }));
  await page.keyboard.press('Enter');
  await expect(row).toContainText('Nobody yet');
});

test('a lead keeps the rota by keyboard alone', async ({ page }) => {
  await page.goto('/rota?as=lead');
  await tabTo(page, page.getByRole('radio', { name: 'Occupational health physician' }).or(page.getByRole('radio', { name: 'Occupational health nurse' })).first());
  await page.keyboard.press('2');
  await expect(page.getByLabel('Who', { exact: true })).toBeFocused();
  await page.keyboard.type('dr.price');
  await page.getByLabel('Until').fill('2099-01-01T08:00');
  await page.getByLabel('Work email address').first().fill('price@force.example');
  await tabTo(page, page.getByRole('button', { name: 'Put on the rota' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Take dr.price off the rota' })).toBeVisible();
  await page.getByRole('button', { name: 'Take dr.price off the rota' }).press('Enter');
  await expect(page.getByText('dr.price')).toHaveCount(0);
});

test('an officer says by keyboard alone which facts of a report are wrong', async ({ page }) => {
  await page.goto('/my-care?as=officer');
  await tabTo(page, page.getByRole('button', { name: 'A fact in it is wrong' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Tell the clinician' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('Choose at least one fact')).toBeVisible();
  await clean(page);
  await page.getByRole('checkbox', { name: 'The hours' }).focus();
  await page.keyboard.press('Space');
  await tabTo(page, page.getByRole('button', { name: 'Tell the clinician' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('You said that these facts are wrong: The hours.')).toBeVisible();
});

test('an officer asks for help for themselves, and is told what happens', async ({ page }) => {
  await page.goto('/my-care?as=officer');
  await page.getByRole('link', { name: 'Ask for help' }).click();
  await page.getByRole('button', { name: 'Ask for help' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('What would you like help with?');
  await page.getByLabel('What would you like help with?').fill('I do not sleep.');
  await page.getByRole('button', { name: 'Ask for help' }).click();
  await expect(page.getByRole('heading', { name: 'Logged' })).toBeVisible();
  await expect(page.getByText(/Occupational health is in touch by/)).toBeVisible();
  await clean(page);
});

test('the forms of the pathways are Welsh when Welsh is chosen', async ({ page }) => {
  await page.goto('/log/dental');
  await page.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(page.getByText('Pryd y digwyddodd?')).toBeVisible();
  const english = await page.locator('main').evaluate((main) =>
    [...main.querySelectorAll('legend, label')].filter((one) => !one.closest('[lang=en]')).map((one) => one.textContent ?? '').filter((text) => /\b(the|what|was|when|with|of)\b/i.test(text)),
  );
  expect(english).toEqual([]);
  await clean(page);
});
