import type { Page } from '@playwright/test';
import { expect, test } from './ground';

test('the list is live, least time left first, and a step can be claimed and given back', async ({ page }) => {
  await page.goto('/worklist');
  await expect(page.getByText('Live')).toBeVisible();
  const first = page.getByRole('row').nth(1);
  await expect(first).toContainText('late');
  const title = await first.getByRole('link').first().innerText();
  await first.getByRole('button', { name: `Claim: ${title}` }).click();
  await expect(first).toContainText('You');
  await page.getByLabel('Only mine').check();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('link', { name: /All open/ })).toContainText('1');
  await page.getByRole('button', { name: `Give back: ${title}` }).click();
  await expect(page.getByText('Nothing to do here')).toBeVisible();
});

test('the count of each tab is what the tab shows', async ({ page }) => {
  await page.goto('/worklist');
  await expect(page.getByText('Live')).toBeVisible();
  for (const name of ['Overdue', 'Do now', 'Later']) {
    const tab = page.getByRole('link', { name: new RegExp(name) });
    await tab.click();
    // The list is live: a step may pass from one tab to the next while it is counted.
    await expect(async () => {
      const counted = Number((await tab.innerText()).replace(/\D/g, ''));
      const shown = counted === 0 ? 'Nothing to do here' : `${counted} steps. That is all of them.`;
      await expect(page.getByText(shown)).toBeVisible({ timeout: 500 });
    }).toPass();
  }
});

test('a task opens the exact form of its step', async ({ page }) => {
  await page.goto('/worklist');
  await page.getByRole('link', { name: 'Take blood for storage' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Record the blood taken for storage');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
});

// Frames while scrolling, in this moment on this machine: what counts is the ratio.
async function frames(page: Page, steps: number) {
  await page.goto(`/worklist?steps=${steps}`);
  await expect(page.getByText(new RegExp(`of ${steps + 26} steps`))).toBeVisible({ timeout: 20_000 });
  return page.evaluate(async () => {
    const taken: number[] = [];
    let before = performance.now();
    for (let i = 0; i < 120; ++i) {
      window.scrollBy(0, 200);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      taken.push(now - before);
      before = now;
    }
    return { typical: taken.sort((a, b) => a - b)[60]!, rows: document.querySelectorAll('[role=row]').length };
  });
}

test('a hundred thousand steps scroll like six hundred', async ({ page }) => {
  const few = await frames(page, 600);
  const many = await frames(page, 100_000);
  console.log(`a frame while scrolling: ${Math.round(few.typical)} ms with 600 steps, ${Math.round(many.typical)} ms with 100,000; ${many.rows} rows in the page`);
  expect(many.rows).toBeLessThan(60);
  expect(many.typical).toBeLessThan(few.typical * 2 + 20);
});
