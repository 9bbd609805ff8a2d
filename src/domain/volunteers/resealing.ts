import type { DataSource } from 'typeorm';
import { anonymous, Session, type Transaction } from '../../platform/database/session';
import { databaseClock } from '../../platform/clock';
import type { Sealing } from '../../platform/identity/sealing';
import { openIdentity, sealNumber } from './identity';

/** How many numbers are encrypted anew in one transaction. */
const BATCH = 500;

interface SealedRow {
  volunteerId: string;
  bytes: Buffer;
  kid: string;
}

/** Encrypts some numbers by the key in use that are not yet. @returns how many */
async function resealSome(tx: Transaction, sealing: Sealing): Promise<number> {
  const { networkId } = tx.actor;
  const rows = await tx.query<SealedRow>(
    `SELECT volunteer_id AS "volunteerId", identity_encrypted AS bytes, identity_key AS kid FROM volunteer_personal
     WHERE network_id = app.network_id() AND identity_key <> $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
    [sealing.kid],
  );
  const sealed = rows.map(({ volunteerId, bytes, kid }) => {
    const again = sealNumber(sealing, networkId, volunteerId, openIdentity(sealing, networkId, volunteerId, bytes, kid));
    return { id: volunteerId, bytes: again.bytes.toString('hex'), kid: again.kid };
  });
  await tx.query(
    `UPDATE volunteer_personal p SET identity_encrypted = decode(r.bytes, 'hex'), identity_key = r.kid
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, bytes text, kid text) WHERE p.network_id = app.network_id() AND p.volunteer_id = r.id`,
    [JSON.stringify(sealed)],
  );
  return rows.length;
}

/** Encrypts every identity number by the key in use that is not yet, network by network, beside what servers do. @returns how many */
export async function resealAll(dataSource: DataSource, sealing: Sealing): Promise<number> {
  const networks = await dataSource.query<{ id: string }[]>('SELECT app.find_network(code) AS id FROM app.list_networks()');
  let done = 0;
  for (const { id } of networks) {
    const session = new Session(dataSource, anonymous, databaseClock);
    for (let some = BATCH; some === BATCH; done += some) some = await session.through('volunteers', id, (tx) => resealSome(tx, sealing));
    await session.close();
  }
  return done;
}
