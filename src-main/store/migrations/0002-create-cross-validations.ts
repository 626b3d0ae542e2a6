/** @file Cross-validations with their fits; imported datasets say of what kind they are. */
export const createCrossValidations = `
  CREATE TABLE cross_validations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    spec TEXT NOT NULL,
    created_at REAL NOT NULL,
    ended_at REAL,
    error TEXT
  ) STRICT;

  -- One row a training: of a candidate of the grid, or (refit = 1) of the chosen one.
  CREATE TABLE cross_validation_fits (
    cross_validation TEXT NOT NULL REFERENCES cross_validations ON DELETE CASCADE,
    split INTEGER NOT NULL,
    candidate INTEGER NOT NULL,
    refit INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (cross_validation, split, candidate, refit)
  ) STRICT, WITHOUT ROWID;

  UPDATE imported_datasets SET document = json_set(document, '$.kind', 'images');
`;
