// How long people wait for what they press, on the demonstration force with 100,000 open steps: from the
// key or click to the next picture, as the browser itself measures it (Event Timing), and the pictures while
// scrolling. Prints a table; fails when a target of the README is missed. Run it with nothing else running:
//
//   tests/console/run bench
import { expect, type Page, test } from '@playwright/test';

const kTarget = 100;
const kSteps = 100_000;

test.setTimeout(300_000);

async function observe(page: Page) {
  await page.evaluate(() => {
    const taken = new Map<number, number>();
    Object.assign(window, { taken });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId?: number })[]) {
        // One press is several events; the longest of them is what the person waits for.
        if (entry.interactionId) taken.set(entry.interactionId, Math.max(taken.get(entry.interactionId) ?? 0, entry.duration));
      }
    }).observe({ type: 'event', durationThreshold: 16, buffered: true } as PerformanceObserverInit);
  });
}

interface Figure {
  what: string;
  times: number[];
}
const figures: Figure[] = [];

// What `act` takes, each of `rounds` times. Faster than the browser's own threshold counts as 16 ms.
async function interactions(page: Page, what: string, rounds: number, act: (round: number) => Promise<void>) {
  const times: number[] = [];
  await page.evaluate(() => (window as unknown as { taken: Map<number, number> }).taken.clear());
  for (let round = 0; round < rounds; ++round) {
    await act(round);
    await page.waitForTimeout(150);
  }
  const seen = await page.evaluate(() => [...(window as unknown as { taken: Map<number, number> }).taken.values()]);
  times.push(...seen);
  while (times.length < rounds) times.push(16);
  figures.push({ what, times: times.sort((a, b) => a - b) });
}

const at = (times: number[], share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;

test('what people press answers within 100 ms', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`/worklist?steps=${kSteps}`);
  await expect(page.getByText(new RegExp(`of ${kSteps + 26} steps`))).toBeVisible({ timeout: 60_000 });
  await observe(page);
  const tabs = ['Overdue', 'Do now', 'Later', 'All open'];
  await interactions(page, 'worklist: another tab', 12, async (round) => {
    await page.getByRole('link', { name: new RegExp(tabs[round % tabs.length]!) }).click();
  });
  await interactions(page, 'worklist: claim and give back', 10, async (round) => {
    await page.getByRole('button', { name: round % 2 ? /^Give back/ : /^Claim/ }).first().click();
  });
  const scroll = await page.evaluate(async () => {
    const taken: number[] = [];
    let before = performance.now();
    for (let i = 0; i < 300; ++i) {
      window.scrollBy(0, 240);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      taken.push(now - before);
      before = now;
    }
    return { taken: taken.slice(1).sort((a, b) => a - b), rows: document.querySelectorAll('[role=row]').length };
  });
  figures.push({ what: `worklist: a picture while scrolling (${scroll.rows} rows in the page)`, times: scroll.taken });

  await page.goto('/log');
  await observe(page);
  await page.getByLabel('Who was exposed?').focus();
  await interactions(page, 'log: a letter typed', 8, async (round) => page.keyboard.type('evansevan'[round]!));
  await page.getByLabel('Who was exposed?').fill('4471');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-question=when]:focus-within')).toBeVisible();
  const answers = ['3', '1', '1', '1', '1', '2', '2', '1', '3', 'Enter', '3', 'Enter', '1', '2', '1'];
  await interactions(page, 'log: an answer, with the path forming', answers.length, async (round) => page.keyboard.press(answers[round]!));

  await page.goto('/cases');
  await observe(page);
  await page.getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'The path' })).toBeVisible();
  await interactions(page, 'case: a form opened and left', 8, async (round) => {
    if (round % 2) await page.goBack();
    else await page.getByRole('listitem').getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  });

  console.log(`\n${'ms'.padEnd(64)}median    98th    most`);
  for (const { what, times } of figures) {
    console.log(`${what.padEnd(60)}${[at(times, 0.5), at(times, 0.98), times.at(-1)!].map((ms) => ms.toFixed(0).padStart(8)).join('')}`);
  }
  for (const { what, times } of figures) expect(at(times, 0.98), what).toBeLessThanOrEqual(kTarget);
});
