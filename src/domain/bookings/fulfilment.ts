import { Arg, Ctx, Field, FieldResolver, Float, ObjectType, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { RequestError } from '../../platform/graphql/errors';
import { grouped, type LoaderDefinition } from '../../platform/graphql/loaders';
import { Contract, ContractClause } from '../contracts/model';
import { anyClauseById } from '../contracts/reads';
import { DateRangeInput } from '../network/inputs';
import { DateRange } from '../network/model';

/** The longest period that is looked at, in days: ten years. */
const MOST_DAYS = 3_660;

@ObjectType({ description: 'What a clause promised in a time, and what came of it; measured from bookings, activities and service records, never typed in.', simpleResolvers: true })
export class ClauseFulfilment {
  contractId!: string;
  clauseId!: string;
  @Field(() => DateRange, { description: 'The days looked at: of a grant a month, of another clause a quarter, or the part of it within the period and the term.' })
  period!: DateRange;
  @Field(() => Float, { nullable: true, description: 'What was promised for these days; null without a quota, and of a duty, which promises no number.' })
  promised!: number | null;
  @Field(() => Float, { description: 'What was delivered: of a grant what was confirmed for the beneficiaries, whether it was then used or not; of activities those completed of the field that the obligor held or co-hosted; of service the confirmed hours of its volunteers.' })
  delivered!: number;
  @Field(() => Float, { description: 'What of that was taken into use; of anything but a grant all of it.' })
  used!: number;
  @Field(() => Float, { nullable: true, description: 'Delivered over promised; null where nothing was promised in numbers.' })
  ratio!: number | null;
  @Field(() => String, { description: 'What is counted: hours, of each unit booked or of service, or activities.' })
  unit!: string;
}

interface FulfilmentRow {
  contractId: string;
  clauseId: string;
  from: string;
  to: string;
  promised: number | null;
  delivered: number;
  used: number;
  unit: string;
}

/** What came of the clauses of a contract, month by month or quarter by quarter of a period. */
const fulfilmentIn = ({ from, to }: { from: string; to: string }): LoaderDefinition<string, ClauseFulfilment[]> => ({
  batch: async (session, contractIds) => {
    const rows = await session.read<FulfilmentRow>({
      name: 'fulfilment',
      text: `SELECT contract_id AS "contractId", clause_id AS "clauseId", first_day AS "from", last_day AS "to", promised, delivered, used, unit
        FROM app.fulfilment_of($1::uuid[], $2, $3)`,
      values: [contractIds, from, to],
    });
    const measured = rows.map(({ from: first, to: last, ...row }): ClauseFulfilment => ({
      ...row,
      period: { from: first, to: last },
      ratio: row.promised ? row.delivered / row.promised : null,
    }));
    return grouped(contractIds, measured, (row) => row.contractId);
  },
});

/** The month that a day is in. */
function monthOf(day: string): { from: string; to: string } {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return { from: `${day.slice(0, 7)}-01`, to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10) };
}

const daysIn = ({ from, to }: { from: string; to: string }): number => (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;

@Resolver(() => Contract)
export class ContractFulfilmentResolver {
  @FieldResolver(() => [ClauseFulfilment], {
    description:
      'What its clauses promised, what was delivered and what was used: grants month by month, the others quarter by quarter; for whoever may read the contract. BAD_USER_INPUT for a period that is reversed or longer than ten years.',
  })
  async fulfilment(
    @Root() contract: Contract,
    @Arg('period', () => DateRangeInput, { nullable: true, description: 'The days to look at; this month when not given.' }) period: DateRangeInput | null,
    @Ctx() context: RequestContext,
  ): Promise<ClauseFulfilment[]> {
    const asked = period ?? monthOf((await context.actor()).today);
    if (asked.from > asked.to) throw new RequestError('BAD_USER_INPUT', 'period.reversed');
    if (daysIn(asked) > MOST_DAYS) throw new RequestError('BAD_USER_INPUT', 'period.long', { most: MOST_DAYS });
    return context.load(context.definition(`fulfilment ${asked.from} ${asked.to}`, () => fulfilmentIn(asked)), contract.id);
  }
}

@Resolver(() => ClauseFulfilment)
export class ClauseFulfilmentResolver {
  @FieldResolver(() => ContractClause, { description: 'The clause.' })
  clause(@Root() fulfilment: ClauseFulfilment, @Ctx() context: RequestContext): Promise<ContractClause | null> {
    return context.load(anyClauseById, fulfilment.clauseId);
  }
}
