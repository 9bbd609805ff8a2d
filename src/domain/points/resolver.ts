import { Arg, Ctx, FieldResolver, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { Network } from '../network/model';
import * as inputs from './inputs';
import { UpdatePointsPolicyInput } from './inputs';
import { PointsPolicy } from './model';
import { policyOf, updatePointsPolicy } from './policy';

const UpdatePointsPolicyPayload = payloadOf('UpdatePointsPolicyPayload', 'policy', () => PointsPolicy, 'The policy as it is now; null when you may not change it.');

/** What points add to a network. */
@Resolver(() => Network)
export class NetworkPointsResolver {
  @FieldResolver(() => PointsPolicy, { description: 'By what points are earned.' })
  async pointsPolicy(@Ctx() context: RequestContext): Promise<PointsPolicy> {
    return policyOf(context.session, (await context.actor()).networkId);
  }

  @Mutation(() => UpdatePointsPolicyPayload, {
    description: 'Changes by what points are earned and how long they are good, from now on. The committee. INVALID, NOT_ALLOWED, STALE_VERSION.',
  })
  updatePointsPolicy(@Arg('input', () => UpdatePointsPolicyInput, { description: 'What changes.' }) input: UpdatePointsPolicyInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updatePointsPolicy, input);
    return context.write((tx) => updatePointsPolicy(tx, asked));
  }
}
