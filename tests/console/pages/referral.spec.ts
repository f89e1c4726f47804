import type { Locator, Page } from '@playwright/test';
import { clean, expect, fits, kFresh, test } from './ground';

const referral = (n: number) => `/referrals/2ef00000-0000-4000-8000-${String(n).padStart(12, '0')}`;
// The provider's copies.
const kAccepted = referral(11);
const kUrgent = referral(12);
const kBooked = referral(13);
const kDeclinedThere = referral(14);
// The referrer's cases.
const kSentBooked = referral(7);
const kDeclined = referral(8);
const kAsked = referral(9);
const kOutcome = referral(10);

const pages: [name: string, path: string, shows: RegExp][] = [
  ['inbox', '/referrals?as=clinician', /Window shuts in 1[89] hours/],
  ['inbox, empty', '/referrals?as=clinician&empty=1', /No referrals here/],
  ['inbox, finished', '/referrals?as=clinician&tab=done', /Declined/],
  ['inbox, offline', '/referrals?as=clinician&fail=offline', /cannot be reached/],
  ['inbox, refused', '/referrals?as=clinician&fail=forbidden', /You may not see this page/],
  ['inbox, forbidden', '/referrals?as=officer', /You may not see this page/],
  ['referral received', `${kUrgent}?as=clinician`, /What was sent/],
  ['referral of a protected person', `${kAccepted}?as=clinician`, /Call the referrer/],
  ['referral booked', `${kBooked}?as=clinician`, /Clinic 4/],
  ['referral declined, at the provider', `${kDeclinedThere}?as=clinician`, /nothing to do on your side/],
  ['referral, gone', `${referral(99)}?as=clinician`, /Page not found/],
  ['accepting', `${kUrgent}/accept-referral?as=clinician`, /your organisation answers for the care/],
  ['declining', `${kUrgent}/decline-referral?as=clinician`, /Not clinically appropriate/],
  ['redirecting', `${kUrgent}/redirect-referral?as=clinician`, /Code of the organisation/],
  ['asking', `${kUrgent}/ask-for-information?as=clinician`, /What do you need to know/],
  ['booking', `${kAccepted}/book-referral?as=clinician`, /Room 1/],
  ['booking without published times', `${kAccepted}/book-referral?as=clinician&slots=none`, /No free times are published/],
  ['did not attend', `${kBooked}/record-not-attended?as=clinician`, /Did not attend/],
  ['seen', `${kBooked}/record-seen?as=clinician`, /When was the patient seen/],
  ['outcome', `${kBooked}/record-outcome?as=clinician`, /Summary for the referrer/],
  ['an act that the state does not allow', `${kUrgent}/record-outcome?as=clinician`, /Page not found/],
  ['referrals of the unit', '/referrals', /Another provider|Declined/],
  ['sent referral', kSentBooked, /Referral handed over/],
  ['sent referral, declined', kDeclined, /Find another provider/],
  ['sent referral, asked', kAsked, /allergic to latex/],
  ['sent referral, outcome', kOutcome, /Began well/],
  ['answering', `${kAsked}/answer-question`, /Your answer/],
  ['cancelling', `${kAsked}/cancel-referral`, /No longer needed/],
  ['referring', `${kFresh}/refer?step=risk_assessment`, /What kind of care is needed/],
  ['referring, nobody may', `${kFresh}/refer?as=lead`, /You may not see this page/],
  ['referring, gone', '/cases/bbv/00000000-0000-4000-8000-000000000000/refer', /Page not found/],
  ['referring again', `${kDeclined}/refer-again`, /General Hospital/],
  ['referring again, nobody before close', `${kDeclined}/refer-again?nobody=1`, /Nobody is known to have time/],
];

for (const [name, path, shows] of pages) {
  test(`the page "${name}" is accessible and fits narrow screens`, async ({ page }) => {
    await page.goto(path);
    await expect(page.locator('main')).toContainText(shows);
    await clean(page);
    await fits(page, 640);
    await fits(page, 320);
    await clean(page);
  });
}

async function tabTo(page: Page, target: Locator) {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 80; ++presses) {
    if (await target.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

test('the least clinical time left comes first', async ({ page }) => {
  await page.goto('/referrals?as=clinician');
  await expect(page.locator('.wm-referral').first()).toContainText('Rhiannon Evans');
  await expect(page.locator('.wm-referral')).toHaveCount(3);
});

test('a clinician accepts by keyboard alone, books a slot, and gives the outcome', async ({ page }) => {
  await page.goto('/referrals?as=clinician');
  await tabTo(page, page.getByRole('link', { name: 'Begin HIV PEP' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'Accept' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Accept' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('The provider answers for the care.')).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Book an appointment' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('radio', { name: /Room 1/ }));
  await page.keyboard.press('1');
  await tabTo(page, page.getByRole('button', { name: 'Book an appointment' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Appointment: .*/).first()).toBeVisible();
  await page.getByRole('link', { name: 'Give the outcome' }).click();
  await page.getByRole('button', { name: 'Give the outcome' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Give a result, a treatment or a summary');
  await page.getByRole('button', { name: 'Add a result' }).click();
  await expect(page.getByRole('radio', { name: 'HBsAg' })).toBeFocused();
  await page.getByRole('button', { name: 'Add a treatment' }).click();
  await page.getByRole('radio', { name: /HIV/ }).first().check();
  await page.getByRole('radio', { name: 'Negative' }).check();
  await page.getByRole('radio', { name: '1 hour ago' }).first().check();
  await clean(page);
  await fits(page, 320);
  await page.getByRole('radio', { name: 'HIV PEP: first dose' }).check();
  await page.getByRole('radio', { name: 'Just now' }).check();
  await page.getByLabel('Summary for the referrer').fill('First dose given.');
  await page.getByRole('button', { name: 'Give the outcome' }).click();
  await expect(page.getByText('First dose given.')).toBeVisible();
  await expect(page.getByText('Recorded. The other side is told.')).toBeVisible();
  // The laboratory takes it back: a correction begins with what it takes the place of.
  await page.getByRole('link', { name: 'Give the outcome' }).click();
  await page.getByRole('button', { name: 'Add a result' }).click();
  await page.getByRole('radio', { name: /^HIV.*Negative/ }).check();
  await expect(page.getByRole('group', { name: 'Which test?' }).getByRole('radio', { name: /HIV/ }).first()).toBeChecked();
  await page.getByRole('group', { name: 'What did it show?' }).getByRole('radio', { name: 'Positive' }).check();
  await clean(page);
  await page.getByRole('button', { name: 'Give the outcome' }).click();
  await expect(page.getByText('Positive, corrected')).toBeVisible();
});

test('a time is kept while it is talked over, let go on leaving, and another is offered when it is taken', async ({ page }) => {
  await page.goto(`${kAccepted}/book-referral?as=clinician`);
  await page.getByRole('radio', { name: /Room 1/ }).check();
  await expect(page.getByText(/^This time is kept for you until/)).toBeVisible();
  await clean(page);
  await page.getByRole('link', { name: 'Back to the referral' }).click();
  await page.getByRole('link', { name: 'Book an appointment' }).click();
  await expect(page.getByRole('radio', { name: /Room/ })).toHaveCount(3);
  await page.goto(`${kAccepted}/book-referral?as=clinician&slots=taken`);
  await page.getByRole('radio', { name: /Room 1/ }).check();
  await expect(page.getByRole('alert').filter({ hasText: 'Somebody else has just taken that time. Choose another.' })).toBeVisible();
  await expect(page.getByRole('radio', { name: /Room/ })).toHaveCount(2);
  await clean(page);
  await page.getByRole('radio', { name: /Room 2/ }).check();
  await expect(page.getByText(/^This time is kept for you until/)).toBeVisible();
  await page.getByRole('button', { name: 'Book an appointment' }).click();
  await expect(page.getByText(/Appointment: .*/).first()).toBeVisible();
});

test('declining takes a reason, and another reason takes a note', async ({ page }) => {
  await page.goto(`${kUrgent}/decline-referral?as=clinician`);
  await page.getByRole('button', { name: 'Decline' }).click();
  const summary = page.locator('.nhsuk-error-summary');
  await expect(summary).toBeFocused();
  await page.getByRole('radio', { name: 'Another reason' }).check();
  await expect(summary).toContainText('Note');
  await page.getByLabel('Note').fill('The unit is shut.');
  await page.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByText('Declined: Another reason.')).toBeVisible();
});

test('accepting over a poor network happens once', async ({ page }) => {
  await page.goto(`${kUrgent}/accept-referral?as=clinician&fail=once`);
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByText('The provider answers for the care.')).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('#happened ~ ul').first().getByText('Accepted', { exact: true })).toHaveCount(1);
});

test('nothing that a clinician sees names the force', async ({ page }) => {
  for (const path of ['/referrals', kUrgent, kAccepted, kBooked]) {
    await page.goto(`${path}?as=clinician`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('main')).not.toContainText(/force|police|constabulary|officer|E23000025|collar/i);
  }
});

test('a nurse answers the question, refers again and completes', async ({ page }) => {
  await page.goto(kAsked);
  await page.getByRole('link', { name: 'Answer the question' }).click();
  await page.getByLabel('Your answer').fill('No.');
  await page.getByRole('button', { name: 'Answer the question' }).click();
  await expect(page.getByText('Recorded. The other side is told.')).toBeVisible();
  await page.goto(kDeclined);
  await page.getByRole('link', { name: 'Refer to somebody else' }).click();
  await page.getByRole('radio', { name: /General Hospital/ }).check();
  await page.getByRole('button', { name: 'Refer to somebody else' }).click();
  await expect(page.getByText('Drafted. Nothing has left yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Send', exact: true }).click();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText('Sent, no receipt yet').first()).toBeVisible();
});

test('a nurse refers from the open step by keyboard alone: previews, withholds, drafts and sends', async ({ page }) => {
  await page.goto(kFresh);
  await tabTo(page, page.getByRole('link', { name: 'Refer to a provider' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('radio', { name: 'Emergency department' }));
  await page.keyboard.press('1');
  await tabTo(page, page.getByRole('radio', { name: /City Hospital/ }));
  await page.keyboard.press('1');
  await tabTo(page, page.getByRole('radio', { name: 'Routine' }));
  await page.keyboard.press('4');
  await page.keyboard.type('Please assess for PEP.');
  await page.getByLabel('Telephone that the provider can call').fill('+441632960001');
  await tabTo(page, page.getByRole('radio', { name: 'Asked and agreed' }));
  await page.keyboard.press('1');
  await tabTo(page, page.getByRole('button', { name: 'Show what leaves' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'What leaves' })).toBeFocused();
  await expect(page.getByText('Withheld: the provider does not need to know where the patient works.')).toBeVisible();
  await clean(page);
  await fits(page, 320);
  await page.setViewportSize({ width: 1280, height: 900 });
  await tabTo(page, page.getByRole('button', { name: 'Withhold: Source known to have HIV' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('Withheld by you.')).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Draft the referral' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('Drafted. Nothing has left yet.')).toBeVisible();
  await expect(page.getByText('Source known to have HIV')).toHaveCount(0);
  await clean(page);
  await tabTo(page, page.getByRole('link', { name: 'Send', exact: true }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Send', exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('Sent, no receipt yet').first()).toBeVisible();
});

test('a nurse is told at once when nobody has time before the window shuts, and when consent is wanting', async ({ page }) => {
  await page.goto(`${kFresh}/refer?step=risk_assessment&nobody=1&consent=none`);
  await page.getByRole('radio', { name: 'Emergency department' }).check();
  await expect(page.getByRole('alert')).toContainText('Nobody is known to have time before the window shuts');
  await page.getByRole('button', { name: 'Show what leaves' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toBeFocused();
  await expect(page.locator('.nhsuk-error-summary').getByRole('link')).toHaveCount(4);
  await clean(page);
  await page.getByRole('radio', { name: 'Another organisation' }).check();
  await page.getByLabel('Code of the organisation (ODS)').fill('rx9');
  await page.getByRole('radio', { name: 'At once' }).check();
  await page.getByLabel('Telephone that the provider can call').fill('+441632960001');
  await page.getByRole('radio', { name: 'Asked and agreed' }).check();
  await page.getByRole('button', { name: 'Show what leaves' }).click();
  await expect(page.getByText('It cannot be sent: no consent for this is on record.')).toBeVisible();
  await clean(page);
});

test('a nurse who names the employer sees it before it leaves, in Welsh as in English', async ({ page }) => {
  await page.goto(`${kFresh}/refer?step=risk_assessment`);
  await page.getByRole('radio', { name: 'Emergency department' }).check();
  await page.getByRole('checkbox', { name: 'In the evening, 5pm to 9pm' }).check();
  await expect(page.getByRole('radio', { name: /General Hospital.*not when the patient can come/ })).toBeVisible();
  await page.getByRole('radio', { name: /City Hospital/ }).check();
  await page.getByRole('radio', { name: 'At once' }).check();
  await page.getByRole('radio', { name: 'Referral to treatment' }).check();
  await page.getByLabel('Telephone that the provider can call').fill('+441632960001');
  await page.getByRole('radio', { name: 'Asked and agreed' }).check();
  await page.getByRole('checkbox', { name: 'The patient agrees that the provider learns where they work' }).check();
  await page.getByRole('button', { name: 'Show what leaves' }).click();
  await expect(page.locator('.nhsuk-error-summary').getByRole('link')).toHaveText([/When did it begin/, /Name of the employer/]);
  await page.getByLabel('Name of the employer').fill('Somewhere Police');
  for (const [part, value] of [['Day', '1'], ['Month', '9'], ['Year', '2026']] as const) await page.getByLabel(part, { exact: true }).fill(value);
  await clean(page);
  await page.getByRole('button', { name: 'Show what leaves' }).click();
  const row = (name: string) => page.locator('.nhsuk-summary-list__row', { hasText: name });
  await expect(row('Employer')).toContainText('Somewhere Police');
  await expect(row('Waiting since')).toContainText('Referral to treatment, 2026');
  await page.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(row('Cyflogwr')).toContainText('Cytunodd y claf i’r darparwr gael gwybod.');
  await expect(row('Rhyw')).toContainText('Benyw');
  await expect(row('Yn aros ers')).toContainText('Atgyfeirio i driniaeth');
  await clean(page);
});

test('the inbox is Welsh when Welsh is chosen', async ({ page }) => {
  await page.goto(`${kUrgent}?as=clinician`);
  await page.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(page.getByRole('link', { name: 'Derbyn', exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Yr hyn a anfonwyd' })).toBeVisible();
  await clean(page);
});
