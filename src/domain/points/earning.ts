import type { Transaction } from '../../platform/database/session';
import { holdAccounts, ISSUANCE, monthOf, transfer, volunteer, type NewTransfer } from './ledger';
import { policyOf } from './policy';

/** A confirmed service that may earn points. */
export interface Earning {
  volunteerId: string;
  /** The service record, which may be written after it. */
  recordId: string;
  seconds: number;
  /** The day of the service, by whose month the cap counts. */
  serviceDate: string;
}

const SECONDS_AN_HOUR = 3600;

const keyOf = ({ volunteerId, serviceDate }: Earning): string => `${volunteerId} ${monthOf(serviceDate)}`;

/** What the services of each volunteer and month have earned so far; the accounts are held. */
async function earnedSoFar(tx: Transaction, earnings: readonly Earning[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ key: string; earned: number }>(
    `SELECT m.account_id || ' ' || m.month AS key, m.earned FROM points_months m
       JOIN (SELECT DISTINCT * FROM unnest($1::uuid[], $2::date[]) AS a(account_id, month)) a USING (account_id, month) WHERE m.network_id = app.network_id()`,
    [earnings.map(({ volunteerId }) => volunteerId), earnings.map(({ serviceDate }) => monthOf(serviceDate))],
  );
  return new Map(rows.map(({ key, earned }) => [key, earned]));
}

/** Cuts what is earned to what is left of the cap in each volunteer's month, first come first. */
async function capped(tx: Transaction, earnings: readonly Earning[], points: readonly number[], cap: number): Promise<number[]> {
  const earned = await earnedSoFar(tx, earnings);
  return earnings.map((earning, index) => {
    const key = keyOf(earning);
    const before = earned.get(key) ?? 0;
    const granted = Math.max(0, Math.min(points[index]!, cap - before));
    earned.set(key, before + granted);
    return granted;
  });
}

/**
 * Gives volunteers the points of their services by the network's policy: whole points, within the monthly cap, in the
 * transaction that writes the records. Nobody is told here: the record says its points.
 * @returns the points of each, in that order
 */
export async function earnForService(tx: Transaction, earnings: readonly Earning[]): Promise<number[]> {
  const { pointsPerHour, monthlyCap } = await policyOf(tx, tx.actor.networkId);
  const points = earnings.map(({ seconds }) => Math.floor((seconds * pointsPerHour) / SECONDS_AN_HOUR));
  if (points.every((amount) => amount === 0)) return points;
  return tx.through('points', async () => {
    const accounts = await holdAccounts(tx, earnings.map(({ volunteerId }) => volunteer(volunteerId)));
    const granted = monthlyCap === null ? points : await capped(tx, earnings, points, monthlyCap);
    const transfers = earnings.flatMap(({ volunteerId, recordId, serviceDate }, index): NewTransfer[] =>
      granted[index] === 0 ? [] : [{
        debit: ISSUANCE, credit: volunteer(volunteerId), amount: granted[index]!, reason: 'SERVICE', status: 'POSTED',
        source: { type: 'ServiceRecord', id: recordId }, serviceMonth: monthOf(serviceDate),
      }],
    );
    const ids = transfers.length ? await transfer(tx, accounts, transfers) : [];
    ids.forEach((id, index) => {
      const { credit } = transfers[index]!;
      const people = [accounts.get(credit.id!)!.userId].filter((userId) => userId !== null);
      tx.emit({ kind: 'POINTS_TRANSFERRED', action: 'points.earn', subjectType: 'PointsTransfer', subjectId: id, audience: [], people, refs: { volunteer: credit.id! }, notice: null });
    });
    return granted;
  });
}
