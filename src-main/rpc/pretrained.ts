/** @file Handlers of `pretrained.*`. */
import type { Handlers } from '../contract/rpc';
import type { PretrainedModels } from '../jobs/pretrained';

type PretrainedHandlers = Pick<Handlers, Extract<keyof Handlers, `pretrained.${string}`>>;

export const pretrainedHandlers = ({ models }: { models: PretrainedModels }): PretrainedHandlers => ({
  'pretrained.list': () => models.list(),
  'pretrained.open': (id) => models.open(id),
});
