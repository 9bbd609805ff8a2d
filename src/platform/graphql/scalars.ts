import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTime, GraphQLDuration, GraphQLEmailAddress, GraphQLLocalDate, GraphQLLocalTime, GraphQLPhoneNumber, GraphQLURL } from 'graphql-scalars';

const described = (scalar: GraphQLScalarType, name: string, description: string) =>
  new GraphQLScalarType({ ...scalar.toConfig(), name, description });

/** An instant, RFC 3339. */
export const DateTimeScalar = described(GraphQLDateTime, 'DateTime', 'An instant as of RFC 3339, in UTC, e.g. 2026-11-24T06:30:00.000Z.');
/** A calendar day; stays the text it is. */
export const DateScalar = described(GraphQLLocalDate, 'Date', "A calendar day in the network's time zone, e.g. 2026-11-24.");
const midnight = (value: unknown) => value === '24:00' || value === '24:00:00';

/** A time of day, HH:MM, and the midnight at its end, which a library of clock times does not know. */
export const LocalTimeScalar = new GraphQLScalarType({
  ...GraphQLLocalTime.toConfig(),
  name: 'LocalTime',
  description: "A time of day in the network's time zone, HH:MM or HH:MM:SS, e.g. 08:30; 24:00 is the midnight at the end of the day.",
  serialize: (value) => (midnight(value) ? value : GraphQLLocalTime.serialize(value)),
  parseValue: (value) => (midnight(value) ? value : GraphQLLocalTime.parseValue(value)),
  parseLiteral: (node, variables) => ('value' in node && midnight(node.value) ? node.value : GraphQLLocalTime.parseLiteral(node, variables)),
});
/** A span of time, ISO 8601. */
export const DurationScalar = described(GraphQLDuration, 'Duration', 'A span of time as of ISO 8601, e.g. PT2H30M or P1D.');
/** An e-mail address. */
export const EmailAddressScalar = described(GraphQLEmailAddress, 'EmailAddress', 'An e-mail address, e.g. someone@example.org.');
/** A phone number, E.164. */
export const PhoneNumberScalar = described(GraphQLPhoneNumber, 'PhoneNumber', 'A phone number as of E.164, e.g. +8613800000000.');
/** An absolute URL. */
export const UrlScalar = described(GraphQLURL, 'URL', 'An absolute URL.');
