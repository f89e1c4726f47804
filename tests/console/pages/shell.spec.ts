import type { Page } from '@playwright/test';
import { clean, expect, fits, test } from './ground';

interface Demo {
  kept: Map<string, string>;
  expire(): void;
  signInAgain(): void;
  notice(): void;
}
const demo = <T>(page: Page, what: (demo: Demo) => T) =>
  page.evaluate(`(${what.toString()})(window.demo)`) as Promise<T>;

const kept = (page: Page) => demo(page, ({ kept }) => Object.fromEntries(kept)) as Promise<Record<string, string>>;

test('what is typed is kept by the gateway and nowhere in the browser', async ({ page }) => {
  await page.goto('/log');
  await page.getByRole('radio', { name: 'Needle', exact: true }).check();
  await expect.poll(() => kept(page)).toHaveProperty('log-bbv');
  await page.getByRole('radio', { name: 'Blood', exact: true }).check();
  await expect.poll(async () => (await kept(page))['log-bbv']).toContain('"at":"fluid"');
  const stored = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    cookies: document.cookie,
  }));
  expect(stored).toEqual({ local: 0, session: 0, databases: 0, caches: 0, workers: 0, cookies: '' });
});

test('a draft is gone once the form was sent', async ({ page }) => {
  await page.goto('/log/msk');
  await page.getByRole('radio', { name: 'Low back' }).check();
  await expect.poll(() => kept(page)).toHaveProperty('log-msk');
  await page.goto('/log');
  await page.getByLabel('Who was exposed?').fill('Evans');
  await page.getByLabel('Who was exposed?').press('Enter');
  await page.getByRole('radio', { name: '20 minutes ago' }).check();
  await page.getByRole('radio', { name: 'Needle', exact: true }).check();
  await page.getByRole('radio', { name: 'Blood', exact: true }).check();
  await expect.poll(() => kept(page)).toHaveProperty('log-bbv');
  await page.getByRole('button', { name: 'Log the exposure' }).click();
  await expect(page.getByText('The case is open.')).toBeVisible();
  await expect.poll(() => kept(page)).toEqual({});
});

test('what cannot be saved keeps the page, and signing in beside it saves', async ({ page }) => {
  await page.goto('/log');
  await expect(page.getByRole('radio', { name: 'Needle', exact: true })).toBeVisible();
  await demo(page, (demo) => demo.expire());
  await page.getByRole('radio', { name: 'Needle', exact: true }).check();
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeVisible();
  await expect(page.getByText('What you typed last is on this page alone')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Sign in in this window' })).toBeHidden();
  await expect(page.getByRole('link', { name: 'Sign in in a new window' })).toBeVisible();
  await clean(page);
  await demo(page, (demo) => demo.signInAgain());
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByRole('heading', { name: 'You have been signed out' })).toBeHidden();
  await expect.poll(() => kept(page)).toHaveProperty('log-bbv');
  await expect(page.getByRole('radio', { name: 'Needle', exact: true })).toBeChecked();
});

test('before a session ends people are told, and can stay', async ({ page }) => {
  await page.goto('/worklist?left=100');
  await expect(page.getByRole('heading', { name: 'You will be signed out in 1 minute' })).toBeVisible();
  await clean(page);
  await fits(page, 320);
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(page.getByRole('heading', { name: /You will be signed out/ })).toBeHidden();
});

test('a session that cannot be put off says so', async ({ page }) => {
  await page.goto('/worklist?left=30&final=1');
  await expect(page.getByRole('heading', { name: 'You will be signed out in less than a minute' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stay signed in' })).toBeHidden();
  await expect(page.getByRole('link', { name: 'Sign in in a new window' })).toBeVisible();
  await clean(page);
});

test('notices come in, are read by the keyboard alone and acknowledged', async ({ page }) => {
  await page.goto('/worklist');
  const button = page.getByRole('button', { name: 'Notices' });
  await expect(button).toBeVisible();
  await expect(button).not.toContainText('new');
  await demo(page, (demo) => demo.notice());
  await expect(button).toContainText('1 new');
  await expect(page.getByText('New notice: A step is overdue')).toBeAttached();
  await button.focus();
  await page.keyboard.press('Enter');
  await clean(page);
  await fits(page, 320);
  const first = page.locator('.wm-notices__one').first();
  await expect(first).toContainText('A step is overdue');
  await first.getByLabel('Acknowledge for').selectOption({ label: '4 hours' });
  await first.getByRole('button', { name: 'Acknowledge: A step is overdue' }).press('Enter');
  await expect(first).toContainText('Acknowledged until');
  await expect(first).toContainText('Then the Occupational health lead is told');
  await page.keyboard.press('Escape');
  await expect(first).toBeHidden();
  await expect(button).toBeFocused();
});

test('two windows share one stream of notices', async ({ page, context }) => {
  await page.goto('/worklist');
  await expect(page.getByRole('button', { name: 'Notices' })).toBeVisible();
  const held = () =>
    page.evaluate(async () => {
      const { held, pending } = await navigator.locks.query();
      return [held!.length, pending!.length];
    });
  await expect.poll(held).toEqual([1, 0]);
  const second = await context.newPage();
  await second.goto('/worklist');
  await expect(second.getByRole('button', { name: 'Notices' })).toBeVisible();
  await expect.poll(held).toEqual([1, 1]);
  await demo(page, (demo) => demo.notice());
  await expect(second.getByRole('button', { name: 'Notices' })).toContainText('1 new');
  await page.close();
  await expect.poll(() => second.evaluate(async () => (await navigator.locks.query()).held!.length)).toBe(1);
});

test('the menu is folded and named anew when the language changes on a narrow screen', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto('/cases');
  await expect(page.getByRole('button', { name: 'Browse More' })).toBeVisible();
  await page.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(page.getByRole('button', { name: 'Pori Mwy' })).toBeVisible();
  await fits(page, 390);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('button', { name: 'Browse More' })).toBeVisible();
});
