/** @file Architectures that the user keeps. */
export const createArchitectures = `
CREATE TABLE architectures (
  id TEXT PRIMARY KEY,
  document TEXT NOT NULL, -- Architecture
  saved_at REAL NOT NULL -- ms since 1970
) STRICT;
`;
