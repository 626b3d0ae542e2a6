/** @file The first schema. Documents are JSON text; times are milliseconds since 1970. */
export const createTables = `
  CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    spec TEXT NOT NULL,
    created_at REAL NOT NULL,
    queued_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    deleted_at REAL,
    progress TEXT,
    latest TEXT NOT NULL DEFAULT '{}',
    dataset_hash TEXT,
    environment TEXT,
    error TEXT,
    parameters INTEGER
  ) STRICT;

  -- Columns of a run's metric rows, in the order in which they first came.
  CREATE TABLE metric_names (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    scope TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (run, scope, position)
  ) STRICT, WITHOUT ROWID;

  -- One row a step: float64 little-endian values by position; a short row lacks the later names.
  CREATE TABLE metrics (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    scope TEXT NOT NULL,
    step INTEGER NOT NULL,
    row BLOB NOT NULL,
    PRIMARY KEY (run, scope, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    key INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    time REAL NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    step INTEGER
  ) STRICT;
  CREATE INDEX events_of_run ON events (run);

  CREATE TABLE artifacts (
    file TEXT PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    step INTEGER NOT NULL,
    created_at REAL NOT NULL
  ) STRICT;
  CREATE INDEX artifacts_of_run ON artifacts (run, kind, step);

  CREATE TABLE experiments (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    runs TEXT NOT NULL,
    settings TEXT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    created_at REAL NOT NULL,
    ended_at REAL,
    result TEXT
  ) STRICT;

  CREATE TABLE imported_datasets (id TEXT PRIMARY KEY, document TEXT NOT NULL, created_at REAL NOT NULL) STRICT;

  CREATE TABLE settings (key INTEGER PRIMARY KEY CHECK (key = 1), document TEXT NOT NULL) STRICT;
`;
