import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { isIn, smallRun, until } from './runs';

/** Serious and critical faults of the page as it stands, each with the element that has it. */
async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .disableRules('label-content-name-mismatch') // experimental; a grid's short ‘9 → 2’ is read out in words
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`every place can be read and worked by everybody (${colorScheme})`, async ({ page, client }) => {
    await page.emulateMedia({ colorScheme });
    const { id } = await client.call('runs.create', smallRun({ name: 'readable', epochs: 1 }));
    await until(client, id, isIn('succeeded'));
    const places = await page.getByRole('navigation').first().getByRole('link').all();
    expect(places.length).toBeGreaterThan(3);
    for (const place of places) {
      await place.click();
      await page.waitForTimeout(400); // skeletons give way to the place
      expect(await faults(page), await place.innerText()).toEqual([]);
    }
    await page.goto(new URL(`#/runs/${id}`, page.url()).href);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('readable');
    expect(await faults(page), 'a run').toEqual([]);
    await page.getByRole('link', { name: 'See where it is unsure' }).click();
    await expect(page.getByLabel('Results', { exact: true })).toContainText('%', { timeout: 60_000 });
    expect(await faults(page), 'an evaluation').toEqual([]);
  });
