/** @file Answers to the main thread's questions. */
import { importIdx, previewImport } from '../../datasets/import';
import { deleteDataset, listDatasets } from '../../datasets/library';
import { previewDataset } from '../../datasets/preview';
import { importTable, previewTable } from '../../datasets/table-import';
import { backends } from '../../engine/backends';
import { describePrior } from '../../engine/training/catalogue';
import { exploreImage } from '../../experiments/explore-image';
import type { Question } from '../protocol';
import { describeCatalogue } from './catalogue';
import { checkSpec, describeSpec, stepTimeOf } from './check';
import { checkCrossValidation } from './check-cross-validation';
import type { Explorer } from './explore';
import { exportWeights } from './export-weights';

interface Means {
  /** The datasets' folder. */
  readonly folder: string;
  readonly explorer: Explorer;
}

type Answers = { readonly [T in Question['type']]: (question: Extract<Question, { type: T }>, means: Means) => unknown };

const answers: Answers = {
  catalogue: ({ imported }) => describeCatalogue(imported),
  devices: () => Object.values(backends).map(({ id, title, reference = false }) => ({ id, title, reference })),
  check: ({ spec, origin, imported }, { folder }) => checkSpec(spec, { origin, imported, folder }),
  describe: ({ spec, imported }, { folder }) => describeSpec(spec, { imported, folder }),
  stepTime: ({ spec, imported, rates }, { folder }) => stepTimeOf(spec, rates, { imported, folder }),
  explore: (question, { explorer }) => explorer.ask(question, (run) => exploreImage(run, question.request)),
  exportWeights: (question, { explorer }) => explorer.ask(question, (run) => exportWeights(run, question)),
  checkCrossValidation: ({ spec, imported }, { folder }) => checkCrossValidation(spec, { imported, folder }),
  priorCurve: ({ prior }) => describePrior(prior),
  datasets: ({ imported }, { folder }) => listDatasets(folder, imported),
  preview: ({ dataset, ...request }, { folder }) => previewDataset(dataset, { ...request, folder }),
  previewImport: ({ request, files }) => previewImport(request, files),
  import: ({ id, request, files }, { folder }) => importIdx(id, request, files, { folder }),
  previewTable: ({ path }) => previewTable(path),
  importTable: ({ id, request, path }, { folder }) => importTable(id, request, path, folder),
  async deleteDataset({ id }, { folder }) {
    await deleteDataset(id, folder);
    return null;
  },
};

/** The answer, whose type the asker checks by `protocol.answers`. */
export async function answerQuestion(question: Question, means: Means): Promise<unknown> {
  // The mapped type pairs each question with its own function; TypeScript cannot follow the pair through the index.
  const answer = answers[question.type] as (question: Question, means: Means) => unknown;
  return answer(question, means);
}
