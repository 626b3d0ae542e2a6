/** @file The prior precision that was chosen for a run after its training. */
export const addPriorPrecision = `ALTER TABLE runs ADD COLUMN prior_precision REAL;`;
