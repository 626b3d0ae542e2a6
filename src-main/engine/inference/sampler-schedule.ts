/** @file When a sampler's chain burns in, how long its steps are, and which of its states are kept as draws: pure functions of time. */
import type { Time } from './method';
import type { CourseSettings, SamplerSettings } from './sampler-settings';

export interface SamplerMove {
  readonly burningIn: boolean;
  /** Length of this step, as a factor of the step size that was set. */
  readonly scale: number;
  /** 0 while a cycle explores, where no noise is added. */
  readonly temperature: number;
  readonly keep: boolean;
}

const always: CourseSettings = { course: 'constant', decayPower: 1, decayEpochs: 1, cycles: 1, exploration: 0 };

/**
 * Draws are kept where the chain's own time A passes a multiple of its whole over the number of draws, the last step always among them.
 * A counts steps, or sums up their sizes where these decay: draws evenly spaced in A then have equal weight (Welling & Teh 2011, eq. 11).
 */
export function samplerMove(settings: SamplerSettings & Partial<CourseSettings>, { step, stepsPerEpoch, epochs }: Time): SamplerMove {
  const { burnIn, draws, thinning, temperature, lastDraw, ...rest } = settings;
  const course: CourseSettings = { ...always, ...rest };
  const last = epochs * stepsPerEpoch - 1;
  const first = Math.min(Math.round(burnIn * (last + 1)), last);
  const cycle = Math.ceil((last + 1) / course.cycles);
  const exploring = course.course === 'cyclical' && step % cycle < Math.ceil(course.exploration * cycle);
  const elapsed = (steps: number): number => ownTime(course, steps, cycle, stepsPerEpoch) - ownTime(course, first, cycle, stepsPerEpoch);
  const passed = (steps: number): number => Math.floor((draws * elapsed(steps)) / elapsed(last + 1) + 1e-9);
  const burningIn = step < first;
  const due = thinning > 0 ? (last - step) % thinning === 0 && (last - step) / thinning < draws : passed(step + 1) > passed(step);
  const dropped = lastDraw === 'dropped' && step === last;
  const keep = !burningIn && !exploring && due && !dropped;
  return { burningIn, scale: scaleOf(course, step, cycle, stepsPerEpoch), temperature: exploring ? 0 : temperature, keep };
}

/** ε_t / ε₀: 1; (1 + t/b)^−γ; or ½ (1 + cos π(t mod L)/L). */
function scaleOf({ course, decayPower, decayEpochs }: CourseSettings, step: number, cycle: number, stepsPerEpoch: number): number {
  if (course === 'polynomial') return (1 + step / (decayEpochs * stepsPerEpoch)) ** -decayPower;
  if (course === 'cyclical') return 0.5 * (1 + Math.cos((Math.PI * (step % cycle)) / cycle));
  return 1;
}

/** The chain's own time after so many steps: steps, those of sampling phases, or ∫ scale dt. */
function ownTime({ course, decayPower, decayEpochs, exploration }: CourseSettings, steps: number, cycle: number, stepsPerEpoch: number): number {
  if (course === 'polynomial') {
    const relative = 1 + steps / (decayEpochs * stepsPerEpoch);
    return decayPower === 1 ? Math.log(relative) : (relative ** (1 - decayPower) - 1) / (1 - decayPower);
  }
  if (course === 'cyclical') {
    const explored = Math.ceil(exploration * cycle);
    return Math.floor(steps / cycle) * (cycle - explored) + Math.max(0, (steps % cycle) - explored);
  }
  return steps;
}
