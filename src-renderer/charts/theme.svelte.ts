/** @file The theme the page is shown in: `data-theme` on the root element, else the system's. */
import { createSubscriber } from 'svelte/reactivity';

const systemDark = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

const subscribe = createSubscriber((update) => {
  const observer = new MutationObserver(update);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const query = systemDark();
  query.addEventListener('change', update);
  return () => {
    observer.disconnect();
    query.removeEventListener('change', update);
  };
});

/** Reactive: read inside an effect or a template, it follows the page. */
export function screenTheme(): 'light' | 'dark' {
  subscribe();
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return systemDark().matches ? 'dark' : 'light';
}
