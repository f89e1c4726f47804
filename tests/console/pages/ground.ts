import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test as base } from '@playwright/test';

// Cases that the services in memory begin with.
export const kFresh = '/cases/bbv/f4e50000-0000-4000-8000-000000000002';
export const kLate = '/cases/bbv/0a7e0000-0000-4000-8000-000000000001';
export const kLong = '/cases/bbv/10a60000-0000-4000-8000-000000000003';

// A page that fails its test when the console says anything the browser refuses or throws.
export const test = base.extend({
  page: async ({ page }, use) => {
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') said.push(message.text());
    });
    await use(page);
    expect(said, 'errors and policy violations').toEqual([]);
  },
});

// Everybody whom the services in memory know of.
const kNames = /Evans|Jones|Roberts|Singh|Clarke|Ward|Hughes|Shah|Okafor|Davies|Rhys|Carys|Daniel|Rhiannon|Alex|Grey/;

export async function clean(page: Page) {
  // It is kept in the browser's history and shown on the task bar.
  expect(await page.title(), 'the title of the page').not.toMatch(kNames);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join('; ')}`)).toEqual([]);
}

// Nothing is cut off or scrolls sideways: 320 px is 1280 px at 400 %.
export async function fits(page: Page, width: number) {
  await page.setViewportSize({ width, height: 800 });
  // The header folds its links a moment after it has become narrow.
  const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(beyond, `wider than ${width} px by`).toBeLessThanOrEqual(0);
}

export { expect };
