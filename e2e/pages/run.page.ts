import type { Locator, Page } from '@playwright/test';

/** One run, live or past. */
export class RunPage {
  readonly heading: Locator;
  readonly status: Locator;
  readonly numbers: Locator;
  readonly charts: Locator;

  constructor(private readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.status = page.getByRole('status', { name: 'Run status' });
    this.numbers = page.getByLabel('Numbers', { exact: true });
    this.charts = page.locator('main figure');
  }

  button = (name: string): Locator => this.page.locator('main').getByRole('button', { name, exact: true });
  link = (name: string): Locator => this.page.locator('main').getByRole('link', { name, exact: true });
  press = (name: string): Promise<void> => this.button(name).click();

  /** The value shown beside a label such as ELBO. */
  number = (label: string): Locator => this.numbers.locator('div', { has: this.page.getByText(label, { exact: true }) });

  async rename(name: string): Promise<void> {
    await this.press('Rename');
    const field = this.page.getByLabel('Name', { exact: true });
    await field.fill(name);
    await field.press('Enter');
  }
}
