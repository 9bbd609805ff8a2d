import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { MOST_OF_SEARCH } from '../../platform/graphql/edge';
import { SearchResultConnection, type Hit } from './model';
import { MOST_FOUND, search } from './reads';

@Resolver()
export class SearchResolver {
  @Query(() => SearchResultConnection, {
    description: `Organizations, positions, resources, activities, needs and projects that you may see and that fit a text, the best first; in Chinese and English, by any part of two characters, forgiving a mistake. At most ${MOST_FOUND} of each are found and counted. Everybody may ask.`,
  })
  search(
    @Arg('query', () => String, { description: `What to look for: 1 to ${MOST_OF_SEARCH} characters.` }) query: string,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: RequestContext,
  ): Promise<Page<Hit>> {
    return search(context, query, args);
  }
}
