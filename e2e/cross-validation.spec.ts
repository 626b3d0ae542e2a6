import { expect, test } from './fixtures';

/** y = 3 x + noise in three groups, one value missing. */
const table = ['x;group;y', ...Array.from({ length: 60 }, (_, i) => `${i === 7 ? '' : i / 10};${'abc'[i % 3]};${(3 * i) / 10 + ((i * 37) % 11) / 10}`)].join(
  '\n',
);

test('a table is imported and a method cross-validated on it, with a chart of its scores', async ({ page, client }) => {
  await page.goto('/#/data/import-table');
  const form = page.getByRole('form', { name: 'Import a table' });
  await form.getByLabel('File').setInputFiles({ name: 'lines.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  await expect(form.getByRole('heading', { name: '60 rows, 3 columns' })).toBeVisible();
  await form.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText("Row 9, column 'x' has no value"); // the ninth line of the file
  await form.getByText('Mean of the training rows').click();
  await form.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'lines' })).toBeVisible();

  await page.getByRole('link', { name: 'Cross-validate', exact: true }).click();
  const chosen = page.getByLabel('Table', { exact: true });
  await chosen.selectOption({ label: 'Yacht resistance' }); // another one than the address names
  await expect(chosen).toHaveValue('uci-yacht');
  await chosen.selectOption({ label: 'lines' });
  await page.getByLabel('Method', { exact: true }).selectOption({ label: 'MAP' });
  await page.getByLabel('Folds', { exact: true }).fill('3');
  await page.getByLabel('Folds', { exact: true }).press('Tab');
  await page.getByRole('button', { name: 'Add a setting to choose' }).click();
  await page.getByLabel('Values of setting 1').fill('0.001, 0.01');
  await expect(page.getByText('2 combinations')).toBeVisible();
  await page.getByRole('button', { name: 'Cross-validate', exact: true }).click();
  await expect(page.getByRole('status', { name: 'Cross-validation status' })).toHaveText('Succeeded', { timeout: 60_000 });
  await expect(page.getByRole('group', { name: 'RMSE on lines' })).toBeVisible();
  await expect(page.getByRole('row', { name: /^RMSE/ })).toContainText('±');

  const [group] = await client.call('crossValidations.list', null);
  expect(group).toMatchObject({ name: 'MAP on lines', status: 'succeeded', spec: { splits: 3 }, fits: { done: 9, planned: 9 } });
  const fits = await client.call('crossValidations.fits', group!.id);
  for (const fit of fits) if (fit.type === 'refit') expect(fit.test['rmse']).toBeLessThan(3); // sd of y: 5
});
