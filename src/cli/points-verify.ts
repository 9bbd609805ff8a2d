import 'reflect-metadata';
import { verifyPoints, type PointsReport } from '../domain/points/verify';
import { asOwner } from '../setup';
import { command, run, withServer } from './command';

function tell({ network, accounts, entries, transfers, faults, faultCount }: PointsReport): void {
  console.log(`${network}: ${transfers} transfers, ${entries} entries, ${accounts} accounts: ${faultCount ? 'BROKEN' : 'whole'}`);
  for (const { id, kind, says } of faults) console.log(`  ${id} ${kind}: ${says}`);
  if (faultCount > faults.length) console.log(`  and ${faultCount - faults.length} more`);
}

const program = command('points:verify', 'Proves every balance of points from its entries: finds what was changed, removed or added, and fails.').action(() =>
  withServer((server) =>
    asOwner(server, async (owner) => {
      for await (const report of verifyPoints(owner)) {
        tell(report);
        if (report.faultCount > 0) process.exitCode = 1;
      }
    }),
  ),
);

void run(program);
