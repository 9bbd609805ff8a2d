import { createUnionType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection';
import { Activity } from '../activities/model';
import { Need } from '../needs/model';
import { Organization, Position } from '../network/model';
import { Project } from '../projects/model';
import { Resource } from '../resources/model';

export const SearchResult = createUnionType({
  name: 'SearchResult',
  description: 'What a search may find.',
  types: () => [Organization, Position, Resource, Activity, Need, Project] as const,
  resolveType: (value) => (value as Partial<Hit>).__typename,
});

/** Something found: where and how well, and the node itself once it is loaded. */
export interface Hit {
  foundIn: string;
  rank: number;
  id: string;
  __typename?: string;
}

export const SearchResultConnection = connectionOf<Hit>(() => SearchResult, 'SearchResult');
