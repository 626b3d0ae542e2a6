import type { Locator, Page } from '@playwright/test';

/** Evaluate, and what it finds. */
export class InspectPage {
  readonly evaluate: Locator;
  readonly results: Locator;
  readonly images: Locator;
  readonly pastEvaluations: Locator;

  constructor(private readonly page: Page) {
    this.evaluate = page.getByRole('region', { name: 'Evaluate', exact: true }).getByRole('button', { name: 'Evaluate', exact: true });
    this.results = page.getByLabel('Results', { exact: true });
    this.images = page.getByRole('listbox', { name: 'Most uncertain test images' }).getByRole('option');
    this.pastEvaluations = page.getByRole('list', { name: 'Past evaluations' }).getByRole('listitem');
  }

  detail = (row: string): Locator => this.page.getByRole('region', { name: `Test image ${row}` });
}
