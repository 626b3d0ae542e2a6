/** @file What Ctrl/Cmd-K can open: places, runs, datasets and the actions that need no further choice. */
import { sentence } from '../../components/schema-fields';
import { places } from '../../state/location';
import type { Workbench } from '../../state/workbench.svelte';

export interface Command {
  readonly title: string;
  readonly kind: string;
  run(): void;
}

export function commands({ router, runs, pretrained, actions, datasets, crossValidations, settings, notices }: Workbench): Command[] {
  const theme = settings.theme === 'dark' ? 'light' : 'dark';
  return [
    ...places.map((place) => ({ title: sentence(place), kind: 'Place', run: () => router.go({ place }) })),
    { title: 'Trash', kind: 'Place', run: () => router.go({ place: 'runs', trash: true }) },
    { title: `Switch to ${theme} theme`, kind: 'Action', run: () => void notices.attempt(() => settings.update({ theme })) },
    ...runs.all
      .map(({ id, name, hasCheckpoint }) => [
        { title: name, kind: 'Run', run: () => router.go({ place: 'runs', run: id }) },
        ...(hasCheckpoint ? [{ title: `Evaluate ${name}`, kind: 'Inspect', run: () => router.go({ place: 'inspect', run: id }) }] : []),
      ])
      .flat(),
    ...pretrained.all.map((card) => ({ title: card.title, kind: 'Pretrained model', run: () => void actions.openPretrained(card) })),
    ...crossValidations.all.map(({ id, name }) => ({ title: name, kind: 'Cross-validation', run: () => router.go({ place: 'validate', group: id }) })),
    ...datasets.all.flatMap(({ id, title }) => [
      { title, kind: 'Dataset', run: () => router.go({ place: 'data', dataset: id }) },
      { title: `Train on ${title}`, kind: 'Train', run: () => router.go({ place: 'train', dataset: id }) },
    ]),
  ];
}
