import { type Page } from '@playwright/test';
import { clean, expect, test } from './ground';

// Counts key presses and clicks from inside the page.
async function counting(page: Page) {
  await page.evaluate(() => {
    Object.assign(window, { pressed: 0, clicked: 0 });
    const count = window as unknown as { pressed: number; clicked: number };
    addEventListener('keydown', () => ++count.pressed, true);
    addEventListener('click', (event) => event.isTrusted && event.detail > 0 && ++count.clicked, true);
  });
  return () => page.evaluate(() => (window as unknown as { pressed: number; clicked: number }).pressed + (window as unknown as { clicked: number }).clicked);
}

async function needlestick(page: Page) {
  await page.getByLabel('Who was exposed?').focus();
  await page.keyboard.type('4471');
  await page.keyboard.press('Enter');
  const asked = async (question: string, key: string) => {
    await expect(page.locator('[data-question]:focus-within, [data-go]:focus').first()).toContainText(question);
    await page.keyboard.press(key);
  };
  await asked('When did it happen?', '3');
  await asked('How did it get in?', '1');
  await asked('What was it?', '1');
  await asked('What did it?', '1');
  await asked('Did it draw blood?', '1');
  await asked('discarded needle', '2');
  await asked('How deep?', '2');
  await asked('first aid', '1');
  await asked('first aid', '3');
  await asked('first aid', 'Enter');
  await asked('Hepatitis B vaccination', '3');
}

test('a needlestick takes at most 25 key presses and 90 seconds, with the keyboard alone', async ({ page }) => {
  await page.goto('/log');
  await expect(page.getByLabel('Who was exposed?')).toBeVisible();
  const presses = await counting(page);
  const begun = Date.now();
  await needlestick(page);
  const asked = async (question: string, key: string) => {
    await expect(page.locator('[data-question]:focus-within, [data-go]:focus').first()).toContainText(question);
    await page.keyboard.press(key);
  };
  // The level is optional: over it.
  await asked('Highest anti-HBs', 'Enter');
  await asked('Tetanus vaccination', '1');
  await asked('Is the source known?', '2');
  await asked('inject drugs', '1');
  await expect(page.getByRole('button', { name: 'Log the exposure' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('The case is open. Its path is below.')).toBeVisible();
  const seconds = (Date.now() - begun) / 1000;
  const total = await presses();
  console.log(`needlestick: ${total} key presses and clicks, ${seconds.toFixed(1)} s`);
  expect(total).toBeLessThanOrEqual(25);
  expect(seconds).toBeLessThan(90);
  await expect(page.getByRole('heading', { level: 2, name: 'Next' }).locator('..')).toContainText('39 minutes left');
  await expect(page.getByText('Rhys Evans, 4471')).toBeVisible();
});

test('the path forms while it is typed and warns of a closing window', async ({ page }) => {
  await page.goto('/log');
  await page.getByRole('radio', { name: 'Another time' }).check();
  await page.getByLabel('Date and time').fill('60h');
  await page.getByRole('radio', { name: 'Needle', exact: true }).check();
  await page.getByRole('radio', { name: 'Blood', exact: true }).check();
  const forming = page.getByRole('complementary');
  await expect(forming).toContainText('Significant exposure');
  await expect(forming).toContainText(/Decide on HIV PEP.*shuts in 11 hours 5\d minutes/);
  await expect(forming).toContainText('2 days 11 hours late');
  await clean(page);
  await page.getByRole('radio', { name: 'On whole skin' }).check();
  await expect(forming).toContainText('Not significant');
  await expect(forming).not.toContainText('PEP');
});

test('only what matters for the answers so far is asked', async ({ page }) => {
  await page.goto('/log');
  await expect(page.getByText('What did it?')).toBeHidden();
  await page.getByRole('radio', { name: 'In the eye' }).check();
  await page.getByRole('radio', { name: 'Saliva or spit' }).check();
  await expect(page.getByText('Could blood be seen in it?')).toBeVisible();
  await expect(page.getByText('Tetanus vaccination')).toBeHidden();
  await page.getByRole('radio', { name: 'Bite that broke the skin' }).check();
  await expect(page.getByText('Did it draw blood?')).toBeVisible();
  await expect(page.getByText('prone to infection')).toBeVisible();
});

test('what is missing is said, keeps what was typed and leads to its question', async ({ page }) => {
  await page.goto('/log');
  await page.getByRole('radio', { name: 'Needle', exact: true }).check();
  await page.getByRole('button', { name: 'Log the exposure' }).click();
  const summary = page.locator('.nhsuk-error-summary');
  await expect(summary).toContainText('There is a problem');
  await expect(summary).toBeFocused();
  await clean(page);
  await summary.getByRole('link', { name: 'Say when it happened' }).click();
  await expect(page.getByRole('radio', { name: 'Just now' })).toBeFocused();
  await expect(page.getByRole('radio', { name: 'Needle', exact: true })).toBeChecked();
});

test('over a poor network it is sent again under the same id, and is one case', async ({ page }) => {
  await page.goto('/log?fail=once');
  await needlestick(page);
  await page.getByRole('button', { name: 'Log the exposure' }).click();
  await expect(page.getByText('Poor connection')).toBeVisible();
  await expect(page.getByText('The case is open.')).toBeVisible();
  await page.getByRole('link', { name: 'Cases' }).click();
  await expect(page.getByRole('row')).toHaveCount(5);
});

test('an expired session keeps what was typed, and signing in again goes on', async ({ page }) => {
  await page.goto('/log');
  await needlestick(page);
  await page.evaluate(() => (window as unknown as { demo: { expire: () => void } }).demo.expire());
  await page.getByRole('button', { name: 'Log the exposure' }).click();
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Needle', exact: true })).toBeChecked();
  await clean(page);
  await page.evaluate(() => (window as unknown as { demo: { signInAgain: () => void } }).demo.signInAgain());
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeHidden();
  await page.getByRole('button', { name: 'Log the exposure' }).click();
  await expect(page.getByText('The case is open.')).toBeVisible();
});

test('a draft comes back to the same field', async ({ page }) => {
  await page.goto('/log');
  await page.getByRole('radio', { name: 'Needle', exact: true }).check();
  await page.getByRole('radio', { name: 'Blood', exact: true }).check();
  await page.waitForTimeout(1000);
  await page.getByRole('link', { name: 'Worklist' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeVisible();
  await page.getByRole('link', { name: 'Log an incident' }).click();
  await expect(page.getByText('What you typed before is here again.')).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Blood', exact: true })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'Blood', exact: true })).toBeFocused();
});

test('a supervisor may log, and reads nothing afterwards', async ({ page }) => {
  await page.goto('/log?as=supervisor');
  await page.getByLabel('Who was exposed?').fill('5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101');
  await page.getByLabel('Who was exposed?').press('Enter');
  await page.getByRole('radio', { name: '20 minutes ago' }).check();
  await page.getByRole('radio', { name: 'Needle', exact: true }).check();
  await page.getByRole('radio', { name: 'Blood', exact: true }).check();
  await page.getByRole('button', { name: 'Log the exposure' }).click();
  await expect(page.getByRole('heading', { name: 'Logged' })).toBeVisible();
  await expect(page.getByText(/Occupational health assesses by/)).toBeVisible();
  await expect(page.getByRole('link', { name: /Case/ })).toHaveCount(0);
  await clean(page);
});
