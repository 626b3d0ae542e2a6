/** @file The renderer's state as one object, created by App and found by routes through context. */
import { createContext } from 'svelte';
import { onConnection } from '../rpc/client';
import type { Connection } from '../rpc/transport';
import { ArchitectureList } from './architecture-list.svelte';
import { CatalogueState } from './catalogue.svelte';
import { CrossValidationList } from './cross-validation-list.svelte';
import { DatasetList } from './dataset-list.svelte';
import { Devices } from './devices.svelte';
import { Notices } from './notices.svelte';
import { PretrainedList } from './pretrained-list.svelte';
import { Router } from './router.svelte';
import { RunActions } from './run-actions';
import { RunList } from './run-list.svelte';
import { SettingsState } from './settings.svelte';
import { SpecDraft } from './spec-draft.svelte';

export class Workbench {
  readonly notices = new Notices();
  readonly router = new Router();
  readonly runs = new RunList();
  readonly pretrained = new PretrainedList();
  readonly catalogue = new CatalogueState();
  readonly architectures = new ArchitectureList();
  readonly datasets = new DatasetList();
  readonly crossValidations = new CrossValidationList();
  readonly settings = new SettingsState();
  readonly devices = new Devices();
  readonly draft = new SpecDraft();
  readonly actions = new RunActions(this.runs, this.notices, this.router);
  connection = $state<Connection>('connecting');

  listen(): () => void {
    const fail = (error: unknown) => this.notices.fail(error);
    const stops = [
      this.router.listen(),
      this.notices.listen(),
      ...[this.runs, this.pretrained, this.catalogue, this.architectures, this.datasets, this.crossValidations, this.settings, this.devices].map((state) =>
        state.listen(fail),
      ),
      onConnection((connection) => {
        this.connection = connection;
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }
}

export const [getWorkbench, setWorkbench] = createContext<Workbench>();
