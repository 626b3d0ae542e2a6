/** @file Every migration, in order; `user_version` of a database is the number of those applied. Add at the end, never change one that was released. */
import { createTables } from './0001-create-tables';
import { createCrossValidations } from './0002-create-cross-validations';
import { addPriorPrecision } from './0003-add-prior-precision';
import { createArchitectures } from './0004-create-architectures';

/** SQL that brings the schema one version on. */
export type Migration = string;

export const migrations: readonly Migration[] = [createTables, createCrossValidations, addPriorPrecision, createArchitectures];
