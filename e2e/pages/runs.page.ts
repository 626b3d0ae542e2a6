import type { Locator, Page } from '@playwright/test';

/** The list of runs. */
export class RunsPage {
  readonly table: Locator;
  readonly firstRun: Locator;

  constructor(private readonly page: Page) {
    this.table = page.getByRole('table', { name: 'Runs' });
    this.firstRun = page.getByRole('button', { name: 'Train your first Bayesian network' });
  }

  open = (): Promise<unknown> => this.page.goto('/#/runs');
  row = (name: string): Locator => this.table.getByRole('row').filter({ has: this.page.getByRole('link', { name, exact: true }) });
  openRun = (name: string): Promise<void> => this.table.getByRole('link', { name, exact: true }).click();
}
