/** @file Result of the `chains` experiment. */
import { z } from 'zod';

const Typical = z.object({ median: z.number(), worst: z.number() });

/** What was looked at in one space: predictions or weights. */
export const SpaceDiagnosis = z.object({
  quantities: z.int(),
  /** Absent where there are too few draws to compute any. Worst: the largest R̂, the smallest effective sample sizes (draws). */
  agreement: z.object({ rhat: Typical, bulkEss: Typical, tailEss: Typical, mixed: z.number().min(0).max(1) }).nullable(),
  /** The quantity of the largest R̂, or the first. */
  example: z.object({
    name: z.string(),
    rhat: z.number().nullable(),
    steps: z.array(z.int()), // [draws]
    traces: z.array(z.array(z.number())), // [chains][draws]
    autocorrelation: z.array(z.array(z.number())), // [chains][lags]
  }),
});
export type SpaceDiagnosis = z.infer<typeof SpaceDiagnosis>;

export const ChainDiagnosis = z.object({
  runs: z
    .array(
      z.object({
        run: z.string(),
        name: z.string(),
        dataset: z.string(),
        chains: z.int(),
        draws: z.int(), // of each chain
        /** Why R̂ and effective sample sizes are not there. */
        tooFew: z.string().nullable(),
        /** Centred logits, or outputs, of held-out rows. */
        predictions: SpaceDiagnosis,
        weights: SpaceDiagnosis,
        /** Configurational temperature with its standard error, beside the one wanted. */
        temperature: z.object({ wanted: z.number(), found: z.number(), standardError: z.number() }),
        advice: z.array(z.object({ severity: z.enum(['fine', 'note', 'warning']), text: z.string() })).min(1),
      }),
    )
    .min(1),
});
export type ChainDiagnosis = z.infer<typeof ChainDiagnosis>;
export type DiagnosedRun = ChainDiagnosis['runs'][number];
