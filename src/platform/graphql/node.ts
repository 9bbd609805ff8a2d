import { Field, ID, InterfaceType } from 'type-graphql';
import { PrimaryColumn } from 'typeorm';

/** Anything with an identity of its own. Rows carry the uuid; the schema turns it into the global id on the way out. */
@InterfaceType('Node', {
  description: 'Anything with an identity of its own (Relay Global Object Identification).',
  resolveType: (value: { __typename?: string }) => value.__typename,
})
export abstract class Node {
  @Field(() => ID, { description: 'Opaque, global and stable.' })
  @PrimaryColumn('uuid')
  id!: string;
}

/** A node that belongs to one network. */
export abstract class NetworkNode extends Node {
  @PrimaryColumn('uuid')
  networkId!: string;
}
