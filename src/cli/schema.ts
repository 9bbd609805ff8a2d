import 'reflect-metadata';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildApiSchema } from '../schema';
import { command, run } from './command';
import { emit } from './emit';

const program = command('schema', 'Writes schema/schema.graphql.')
  .option('--check', 'fails when the file is stale instead')
  .action(({ check }: { check?: boolean }) => {
    emit('schema/schema.graphql', `${printSchema(lexicographicSortSchema(buildApiSchema()))}\n`, 'schema', check ?? false);
  });

void run(program);
